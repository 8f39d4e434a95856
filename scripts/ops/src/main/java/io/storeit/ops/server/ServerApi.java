package io.storeit.ops.server;

import io.storeit.interchange.base.DurableFiles;
import io.storeit.interchange.base.Quoted;
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

/** The HTTP routes of a StoreIT server that this tool uses. */
public final class ServerApi implements AutoCloseable {
    public record Facts(String appVersion, int schemaVersion, int expectedVersion) {}

    public record Health(String digest, long changes, long unreadablePhotos) {}

    private record Answer(int status, String contentType, String body) {
        boolean isJson() {
            return contentType != null && contentType.startsWith("application/json");
        }
    }

    private final String url;
    /** In milliseconds. */
    private static final int LONGEST_CONNECT = 10_000;
    private static final int LONGEST_ANSWER = 5_000;
    /** In bytes: an answer to this tool is small; a foreign server's may not be. */
    private static final int ANSWER_LIMIT = 1 << 20;

    private OkHttpClient client;
    private final Map<String, String> credentials = new HashMap<>();

    public ServerApi(String url) {
        this.url = url;
    }

    /** Only for what is more than a short question: to load it takes longer than such a question and its answer. */
    private OkHttpClient client() {
        if (client == null) client = Http.client(url);
        return client;
    }

    /** @return empty when nothing listens there; an exception when something else than StoreIT answers */
    public Optional<Facts> probe() {
        Answer mode;
        try {
            mode = get("/api/v1/auth/mode");
        } catch (ConnectException nobody) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "The server at " + url + " does not answer: " + OpsException.reason(failure),
                    "Look at its log; is --server-url right?", failure);
        }
        if (mode.status() >= 500) {
            throw new OpsException(Exit.FAILED, "The server at " + url + " answers " + mode.status(), "Look at its log.");
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
            throw new OpsException(Exit.FAILED, "The server at " + url + " does not answer: " + OpsException.reason(failure), "", failure);
        }
    }

    /** Whether something answers there that does not say that it cannot yet. */
    public boolean answers() {
        try {
            return get("/api/v1/auth/mode").status() < 500;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** As {@link #probe}, for waiting: a connection that breaks is no answer yet. */
    public Optional<Facts> probeQuietly() {
        try {
            return probe();
        } catch (OpsException failure) {
            if (failure.getCause() instanceof IOException) return Optional.empty();
            throw failure;
        }
    }

    private OpsException foreign() {
        return new OpsException(Exit.FAILED, "Something that is not StoreIT answers at " + url, "Set the right address with --server-url.");
    }

    /** Servers from 0.3.0 on: the token beside the database. Older ones: the cookie, or user and password. */
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
        throw new OpsException(Exit.FAILED, "The server at " + url + " wants an administrator's login" + tokenProblem(database, facts),
                (database.isEmpty() && Version.parse(facts.appVersion()).since030() ? "Run as root or as the server's user, who need none; or give" : "Give")
                        + " --username NAME and --password-file FILE, or set auth_cookie.");
    }

    private static String tokenProblem(Optional<Path> database, Facts facts) {
        if (database.isEmpty() || !Version.parse(facts.appVersion()).since030()) return "";
        Path token = tokenFile(database.get());
        if (!Files.exists(token)) return "; there is no token file " + token;
        return "; the token file " + token + " belongs to " + Owner.name(token);
    }

    private static Path tokenFile(Path database) {
        return database.resolveSibling(database.getFileName() + ".token");
    }

    public boolean useTokenBeside(Path database) {
        try {
            Map<String, Object> token = Json.object(Files.readString(tokenFile(database)));
            credentials.put("Authorization", "Bearer " + token.get("token"));
            return true;
        } catch (IOException unreadable) {
            return false;   // authenticate() says whose it is
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
                throw new OpsException(Exit.FAILED, "The server at " + url + " takes no more passwords for a moment, for many were wrong",
                        "Wait half a minute, then try again.");
            }
            if (response.code() != 200) {
                throw new OpsException(Exit.FAILED, "The server at " + url + " does not accept this password of " + login.username(),
                        "Check --username, and --password-file FILE: the first line of the file is the password.",
                        new IOException("it answered " + response.code() + ": " + response.peekBody(1 << 12).string()));
            }
            for (String cookie : response.headers("Set-Cookie")) {
                if (cookie.startsWith("storeit_session=")) credentials.put("Cookie", cookie.split(";", 2)[0]);
            }
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not log in at " + url + ": " + OpsException.reason(failure), "", failure);
        }
    }

    /** What {@code status} shows. @param counts records by kind; null without the token */
    public record Pulse(boolean writesOpen, Map<String, Long> counts) {}

    /** Absent at servers before 0.3.0. */
    public Optional<Pulse> pulse(Optional<Path> database) {
        database.ifPresent(this::useTokenBeside);
        try {
            Answer answer = get("/health?counts=true");
            if (answer.status() != 200 || !answer.isJson()) return Optional.empty();
            Map<String, Object> health = Json.object(answer.body());
            Map<String, Long> counts = null;
            if (health.get("counts") instanceof Map<?, ?> told) {
                counts = new LinkedHashMap<>();
                for (var entry : told.entrySet()) if (entry.getValue() instanceof Long rows) counts.put((String) entry.getKey(), rows);
            }
            return Optional.of(new Pulse(!"held".equals(health.get("writes")), counts));
        } catch (IOException noAnswer) {
            return Optional.empty();
        }
    }

    /** Absent at servers before 0.3.0, and without the token. */
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

    public String startBackup(boolean withImages, boolean allowMissingImages) {
        Answer answer = call(request("/api/v1/admin/backup")
                .post(json("{\"include_images\":" + withImages + ",\"allow_missing_images\":" + allowMissingImages + "}")).build());
        if (answer.status() == 401 || answer.status() == 403) {
            throw new OpsException(Exit.FAILED, "Failed to start backup: the server wants an administrator (" + answer.status() + ")",
                    "Give --username and --password-file of one, or a fresh auth_cookie.");
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
        if (answer.status() != 200 || !(Json.object(answer.body()).get("job_id") instanceof String id)) throw unexpected("take the archive", answer);
        return id;
    }

    public Map<String, Object> restoreStatus(String job) {
        Answer answer = call(request("/api/v1/admin/restore/" + job + "/status").build());
        if (answer.status() != 200) throw unexpected("report on the restore", answer);
        return Json.object(answer.body());
    }

    /** Writes the archive to {@code target}, owner-only and fsynced; a partial file does not stay. */
    public void download(String job, Path target) {
        Path part = partialDownload(target);
        try (Response response = client().newCall(request("/api/v1/admin/backup/" + job + "/download").build()).execute()) {
            if (response.code() != 200) throw new IOException("the server answered " + response.code());
            long expected = response.body().contentLength();
            Destination.requireSpace(part, expected, "Make room there, or choose another place.");
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
            throw new OpsException(Exit.FAILED, "Could not save the backup to " + target + ": " + OpsException.reason(failure), "", failure);
        } finally {
            FileTree.deleteQuietly(part);
        }
    }

    /** It was fetched: the server need not keep its copy for the hour that it would. Those before 0.3.0 have no such route. */
    public void forgetBackup(String job) {
        try (Response heard = client().newCall(request("/api/v1/admin/backup/" + job).delete().build()).execute()) {
            // whatever it says
        } catch (IOException unheard) {
            // then it goes after that hour
        }
    }

    public static Path partialDownload(Path target) {
        return target.resolveSibling(target.getFileName() + ".download");
    }

    private OpsException unexpected(String what, Answer answer) {
        String reason = answer.isJson() ? Json.reason(answer.body()) : "";
        String told = !reason.isEmpty() ? reason : answer.status() >= 500 ? "it is in trouble itself" : "it answered " + answer.status();
        return new OpsException(Exit.FAILED, "The server could not " + what + ": " + Quoted.bare(told, 300), "Its log tells more.",
                new IOException("it answered " + answer.status() + ": " + Words.shortened(answer.body())));
    }

    /** For short questions: a server that hangs is found out soon. */
    private Answer get(String path) throws IOException {
        var connection = (HttpURLConnection) URI.create(url + path).toURL().openConnection();
        connection.setConnectTimeout(LONGEST_CONNECT);
        connection.setReadTimeout(LONGEST_ANSWER);
        connection.setInstanceFollowRedirects(false);
        credentials.forEach(connection::setRequestProperty);
        int status = connection.getResponseCode();
        if (status < 0) throw new IOException("what listens there does not speak HTTP");
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
            throw new OpsException(Exit.FAILED, "The server at " + url + " does not answer: " + OpsException.reason(failure), "Look at its log.", failure);
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
