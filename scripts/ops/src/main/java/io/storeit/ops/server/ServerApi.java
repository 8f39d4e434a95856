package io.storeit.ops.server;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.AtomicFiles;
import io.storeit.ops.host.Destination;
import io.storeit.ops.host.FileTree;
import io.storeit.ops.host.Http;
import io.storeit.ops.host.Owner;
import io.storeit.ops.settings.Login;
import io.storeit.ops.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Calls the HTTP routes of a StoreIT server that this tool uses. */
public final class ServerApi implements AutoCloseable {
    /** Holds the versions that a server reports. */
    public record Facts(String appVersion, int schemaVersion, int expectedVersion) {}

    /** Holds the health that a server reports. @param changes its change token */
    public record Health(String digest, long changes, long unreadablePhotos) {}

    private record Answer(int status, String contentType, String body) {
        boolean isJson() {
            return contentType != null && contentType.startsWith("application/json");
        }
    }

    private final String url;
    /** Milliseconds. */
    private static final int LONGEST_CONNECT = 10_000;
    private static final int LONGEST_ANSWER = 5_000;
    /** Bytes to read of an answer. Those of StoreIT are small; those of another program may not be. */
    private static final int ANSWER_LIMIT = 1 << 20;

    private OkHttpClient client;
    private final Map<String, String> credentials = new HashMap<>();

    public ServerApi(String url) {
        this.url = url;
    }

    /** Loads the client for long transfers. Short requests do without it, because loading it takes longer than they do. */
    private OkHttpClient client() {
        if (client == null) client = Http.client(url);
        return client;
    }

    /** Asks a server for its versions; empty if no server is listening. Fails if another program answers. */
    public Optional<Facts> probe() {
        Answer mode;
        try {
            mode = get("/api/v1/auth/mode");
        } catch (ConnectException nobody) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "The server at " + url + " does not answer: " + Reasons.withFile(failure),
                    "Check its log and --server-url.", failure);
        }
        if (mode.status() >= 500) {
            throw new OpsException(Exit.FAILED, "The server at " + url + " answers with status " + mode.status(), "Check its log.");
        }
        if (!mode.isJson() || !(Json.object(mode.body()).get("mode") instanceof String)) throw foreign();
        try {
            Answer schema = get("/api/v1/admin/schema-version");
            if (schema.status() != 200 || !schema.isJson()) throw foreign();
            Map<String, Object> versions = Json.object(schema.body());
            if (!(versions.get("app_version") instanceof String version) || !Version.isVersion(version)) throw foreign();
            return Optional.of(new Facts(version, (int) Json.number(versions, "schema_version"),
                    (int) Json.number(versions, "expected_version")));
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "The server at " + url + " does not answer: " + Reasons.withFile(failure), "", failure);
        }
    }

    /** Returns whether a server answers with a status below 500. */
    public boolean answers() {
        try {
            return get("/api/v1/auth/mode").status() < 500;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Does the same as {@link #probe}, but returns empty if the connection fails, for use while waiting. */
    public Optional<Facts> probeQuietly() {
        try {
            return probe();
        } catch (OpsException failure) {
            if (failure.getCause() instanceof IOException) return Optional.empty();
            throw failure;
        }
    }

    private OpsException foreign() {
        return new OpsException(Exit.FAILED, "The server at " + url + " is not StoreIT", "Give the right address with --server-url.");
    }

    /** Prepares the credentials: the token beside the database since 0.3.0, or else the cookie, or else user name and password. */
    public void authenticate(Facts facts, Optional<Path> database, Settings settings) {
        if (database.isPresent() && Version.parse(facts.appVersion()).since030() && useTokenBeside(database.get())) return;
        if (!settings.authCookie().isEmpty()) {
            credentials.put("Cookie", settings.authCookie());
            return;
        }
        Optional<Login> login = settings.login();
        if (login.isPresent()) {
            logIn(login.get());
            return;
        }
        throw new OpsException(Exit.FAILED, "The server at " + url + " requires an administrator's login" + tokenProblem(database, facts),
                (database.isEmpty() && Version.parse(facts.appVersion()).since030() ? "Run as root or as the server's user, or give" : "Give")
                        + " --username NAME and --password-file FILE, or set auth_cookie.");
    }

    private static String tokenProblem(Optional<Path> database, Facts facts) {
        if (database.isEmpty() || !Version.parse(facts.appVersion()).since030()) return "";
        Path token = tokenFile(database.get());
        if (!Files.exists(token)) return "; the token file " + token + " does not exist";
        return "; the token file " + token + " belongs to " + Owner.name(token);
    }

    private static Path tokenFile(Path database) {
        return DatabaseFiles.token(database);
    }

    /** Uses the token beside the database, if this user can read it. */
    public boolean useTokenBeside(Path database) {
        try {
            Map<String, Object> token = Json.object(Files.readString(tokenFile(database)));
            credentials.put("Authorization", "Bearer " + token.get("token"));
            return true;
        } catch (IOException unreadable) {
            return false;   // authenticate() reports its owner
        }
    }

    private Request login(String username, String password) {
        var body = new LinkedHashMap<String, String>();
        body.put("username", username);
        body.put("password", password);
        return request("/api/v1/auth/local/login").post(json(Json.text(body))).build();
    }

    private void logIn(Login login) {
        try (Response response = client().newCall(login(login.username(), login.password())).execute()) {
            if (response.code() == 429) {
                throw new OpsException(Exit.FAILED, "The server at " + url + " refused the login: too many failed logins; try again in 30 seconds", "");
            }
            if (response.code() != 200) {
                throw new OpsException(Exit.FAILED, "The server at " + url + " rejected the password of " + login.username(),
                        "Check --username, and the first line of the file named by --password-file.",
                        new IOException("it answered with status " + response.code() + ": " + response.peekBody(1 << 12).string()));
            }
            for (String cookie : response.headers("Set-Cookie")) {
                if (cookie.startsWith("storeit_session=")) credentials.put("Cookie", cookie.split(";", 2)[0]);
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot log in at " + url + ": " + Reasons.withFile(failure), "", failure);
        }
    }

    /** Holds what {@code status} shows. @param counts records by table; null without the token */
    public record Pulse(boolean writesOpen, Map<String, Long> counts) {}

    /** Asks for the state that {@code status} shows; empty for servers before 0.3.0. */
    public Optional<Pulse> pulse(Optional<Path> database) {
        database.ifPresent(this::useTokenBeside);
        try {
            Answer answer = get("/health?counts=true");
            if (answer.status() != 200 || !answer.isJson()) return Optional.empty();
            Map<String, Object> health = Json.object(answer.body());
            Map<String, Long> counts = null;
            if (health.get("counts") instanceof Map<?, ?> reported) {
                counts = new LinkedHashMap<>();
                for (var entry : reported.entrySet()) if (entry.getValue() instanceof Long rows) counts.put((String) entry.getKey(), rows);
            }
            return Optional.of(new Pulse(!"held".equals(health.get("writes")), counts));
        } catch (IOException noAnswer) {
            return Optional.empty();
        }
    }

    /** Asks for the health; empty for servers before 0.3.0 and without the token. */
    public Optional<Health> health() {
        try {
            Answer answer = get("/health");
            if (answer.status() != 200 || !answer.isJson()) return Optional.empty();
            Map<String, Object> health = Json.object(answer.body());
            if (!health.containsKey("content")) return Optional.empty();
            String digest = health.get("content") instanceof Map<?, ?> content && content.get("digest") instanceof String text ? text : null;
            long unreadable = health.get("photos") instanceof Map<?, ?> photos && photos.get("unreadable") instanceof Long count ? count : 0;
            return Optional.of(new Health(digest, Json.number(health, "changes"), unreadable));
        } catch (IOException noAnswer) {
            return Optional.empty();
        }
    }

    /** Starts a backup. @return the job that works on it */
    public String startBackup(boolean withImages, boolean allowMissingImages) {
        Answer answer = call(request("/api/v1/admin/backup")
                .post(json("{\"include_images\":" + withImages + ",\"allow_missing_images\":" + allowMissingImages + "}")).build());
        if (answer.status() == 401 || answer.status() == 403) {
            throw new OpsException(Exit.FAILED, "Failed to start backup: the server requires an administrator (" + answer.status() + ")",
                    "Give --username and --password-file of an administrator, or a new auth_cookie.");
        }
        if (answer.status() != 200) throw unexpected("start the backup", answer);
        Map<String, Object> job = Json.object(answer.body());
        if (!(job.get("job_id") instanceof String id)) throw unexpected("start the backup", answer);
        return id;
    }

    public Map<String, Object> backupStatus(String job) {
        Answer answer = call(request("/api/v1/admin/backup/" + job + "/status").build());
        if (answer.status() != 200) throw unexpected("report on the backup", answer);
        return Json.object(answer.body());
    }

    /** Uploads an archive that replaces everything. @return the job that works on it */
    public String startRestore(Path archive) {
        var form = new MultipartBody.Builder().setType(MultipartBody.FORM)
                .addFormDataPart("options", "{\"mode\":\"replace\"}")
                .addFormDataPart("file", "archive.storeit", RequestBody.create(archive.toFile(), MediaType.get("application/octet-stream"))).build();
        Answer answer = call(request("/api/v1/admin/restore").post(form).build());
        if (answer.status() != 200 || !(Json.object(answer.body()).get("job_id") instanceof String id)) throw unexpected("accept the archive", answer);
        return id;
    }

    public Map<String, Object> restoreStatus(String job) {
        Answer answer = call(request("/api/v1/admin/restore/" + job + "/status").build());
        if (answer.status() != 200) throw unexpected("report on the restore", answer);
        return Json.object(answer.body());
    }

    /** Saves the archive as a file that only its owner can read. A partial file is deleted. */
    public void download(String job, Path target) {
        Path part = partialDownload(target);
        try (Response response = client().newCall(request("/api/v1/admin/backup/" + job + "/download").build()).execute()) {
            if (response.code() != 200) throw new IOException("the server answered with status " + response.code());
            long expected = response.body().contentLength();
            Destination.requireSpace(part, expected, "Free some space there, or choose another directory.");
            AtomicFiles.createOwnerOnly(part);
            long written;
            try (InputStream in = response.body().byteStream(); var out = Files.newOutputStream(part)) {
                written = in.transferTo(out);
            }
            if (expected >= 0 && written != expected) throw new IOException("it ended after " + written + " of " + expected + " bytes");
            DurableFiles.fsyncFile(part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFiles.fsyncFolder(target.getParent());
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Cannot save the backup to " + target + ": " + Reasons.withFile(failure), "", failure);
        } finally {
            FileTree.deleteQuietly(part);
        }
    }

    /** Lets the server delete its copy of a downloaded backup, which it would keep for an hour. Servers before 0.3.0 ignore this. */
    public void forgetBackup(String job) {
        try (Response ignored = client().newCall(request("/api/v1/admin/backup/" + job).delete().build()).execute()) {
            // the answer does not matter
        } catch (IOException failure) {
            // then the server deletes it after that hour
        }
    }

    /** Returns the name that a backup has while it is downloaded. */
    public static Path partialDownload(Path target) {
        return target.resolveSibling(target.getFileName() + ".download");
    }

    private OpsException unexpected(String what, Answer answer) {
        String reason = answer.isJson() ? Json.reason(answer.body()) : "";
        String why = !reason.isEmpty() ? reason : answer.status() >= 500 ? "it has an internal error" : "it answered with status " + answer.status();
        return new OpsException(Exit.FAILED, "The server could not " + what + ": " + Quoted.bare(why, 300), "Check its log.",
                new IOException("it answered with status " + answer.status() + ": " + Words.shortened(answer.body())));
    }

    /** Sends a short request, with short timeouts for a server that hangs. */
    private Answer get(String path) throws IOException {
        var connection = (HttpURLConnection) URI.create(url + path).toURL().openConnection();
        connection.setConnectTimeout(LONGEST_CONNECT);
        connection.setReadTimeout(LONGEST_ANSWER);
        connection.setInstanceFollowRedirects(false);
        credentials.forEach(connection::setRequestProperty);
        int status = connection.getResponseCode();
        if (status < 0) throw new IOException("the program there does not speak HTTP");
        InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        if (body == null) return new Answer(status, connection.getContentType(), "");
        try (body) {
            var text = new String(body.readNBytes(ANSWER_LIMIT), StandardCharsets.UTF_8);
            if (body.read() >= 0) connection.disconnect();
            return new Answer(status, connection.getContentType(), text);
        }
    }

    private Answer call(Request request) {
        try (Response response = client().newCall(request).execute()) {
            return new Answer(response.code(), response.header("Content-Type"), response.peekBody(ANSWER_LIMIT).string());
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "The server at " + url + " does not answer: " + Reasons.withFile(failure), "Check its log.", failure);
        }
    }

    private Request.Builder request(String path) {
        var builder = new Request.Builder().url(url + path);
        credentials.forEach(builder::header);
        return builder;
    }

    private static RequestBody json(String text) {
        return RequestBody.create(text, MediaType.get("application/json"));
    }

    @Override
    public void close() {
        if (client == null) return;
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
