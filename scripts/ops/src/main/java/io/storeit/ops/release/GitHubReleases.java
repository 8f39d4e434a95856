package io.storeit.ops.release;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.console.Json;
import io.storeit.ops.host.Http;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Finds the releases of a GitHub repository, or of a server with the same API: {@code /latest} and {@code /tags/v<version>}
 * (https://docs.github.com/rest/releases/releases).
 */
final class GitHubReleases implements Releases {
    /** The most bytes that an answer may have: a hundred times the size of a real one. */
    private static final int ANSWER_LIMIT = 8 << 20;

    private final String url;
    private final Duration patience;
    private final OkHttpClient client;
    private Instant clock;

    GitHubReleases(String url, Duration patience) {
        this.url = url.replaceAll("/+$", "");
        // A timeout of 0 would mean none.
        this.patience = patience.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : patience;
        var builder = Http.client(url).newBuilder().followSslRedirects(false).readTimeout(this.patience);
        if (isSecure()) builder.connectionSpecs(List.of(ConnectionSpec.MODERN_TLS));
        this.client = builder.build();
    }

    private boolean isSecure() {
        return url.startsWith("https:");
    }

    @Override
    public Release resolve(String wanted) {
        String version = Release.requested(wanted);
        String address = url + (wanted.equals("latest") ? "/latest" : "/tags/v" + version);
        return release(Json.object(ask(address, wanted.equals("latest") ? "the latest release" : "release " + version)), wanted, version, address);
    }

    @Override
    public List<Release> all() {
        String address = url + "?per_page=100";
        var found = new ArrayList<Release>();
        for (Object entry : Json.list(ask(address, "the list of releases"))) {
            boolean published = entry instanceof Map<?, ?> map && !Boolean.TRUE.equals(map.get("draft"));
            if (published && ((Map<?, ?>) entry).get("tag_name") instanceof String tag && Version.isVersion(tag)) {
                found.add(release((Map<?, ?>) entry, "latest", null, address));
            }
        }
        found.sort(Comparator.comparing((Release release) -> Version.parse(release.version())).reversed());
        return found;
    }

    @Override
    public Optional<Instant> clock() {
        return Optional.ofNullable(clock);
    }

    private Release release(Map<?, ?> answer, String wanted, String version, String address) {
        String tag = String.valueOf(answer.get("tag_name"));
        if (answer.get("tag_name") == null && !wanted.equals("latest")) tag = "v" + version;
        if (!Version.isVersion(tag)) {
            throw new OpsException(Exit.FAILED, "The release at " + address + " names no version: " + Quoted.bare(tag),
                    "Check the releases URL.");
        }
        String found = tag.startsWith("v") ? tag.substring(1) : tag;
        if (!wanted.equals("latest") && !found.equals(version)) {
            throw new OpsException(Exit.FAILED, "Asked for release " + version + ", but received " + found, "Check the releases URL.");
        }
        var assets = new TreeMap<String, Release.Asset>();
        if (answer.get("assets") instanceof List<?> list) list.forEach(entry -> add(entry, assets, found));
        String published = answer.get("published_at") instanceof String text && text.matches("[0-9T:.Z+-]{10,40}") ? text : null;
        return new Release(found, assets, this, published, Boolean.TRUE.equals(answer.get("prerelease")) || !Version.parse(found).preRelease().isEmpty());
    }

    /** Adds an entry with name, size and address; ignores any other. */
    private static void add(Object entry, Map<String, Release.Asset> assets, String version) {
        if (!(entry instanceof Map<?, ?> map) || !(map.get("name") instanceof String name) || !(map.get("size") instanceof Long size) || size < 0
                || !(map.get("browser_download_url") instanceof String location)) return;
        String sum = map.get("digest") instanceof String digest && digest.startsWith("sha256:") ? digest.substring(7).toLowerCase(Locale.ROOT) : null;
        if (assets.put(name, new Release.Asset(name, location, size, sum)) != null) {
            throw new OpsException(Exit.FAILED, "Release " + version + " has two files named " + Quoted.bare(name), "Do not use this release.");
        }
    }

    /** Sends a request and returns the answer. @param what the request is for, in words */
    private String ask(String address, String what) {
        Call call = call(new Request.Builder().url(address(address)).header("Accept", "application/vnd.github+json").build(), 0);
        try (Response response = call.execute()) {
            requireSamePlace(response);
            clock = response.headers().getInstant("Date");
            if (response.code() == 404) {
                throw new OpsException(Exit.FAILED, "There is no " + what.replaceFirst("^the ", "") + " at " + url,
                        "'storeit-ctl releases' lists the available releases.", details(response));
            }
            requireQuota(response);
            if (response.code() != 200) {
                throw new OpsException(Exit.FAILED,
                        "Could not look up " + what + ": " + address + " answered " + response.code() + explained(response.code()),
                        "Try again later, or use a folder of releases with --releases.", details(response));
            }
            byte[] body = response.body().byteStream().readNBytes(ANSWER_LIMIT + 1);
            if (body.length > ANSWER_LIMIT) {
                throw new OpsException(Exit.FAILED, "The answer of " + address + " is too large", "Check the releases URL.");
            }
            return new String(body, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            String cure = Reasons.cure(failure);
            throw new OpsException(Exit.FAILED, "Could not look up " + what + " at " + url + ": " + Reasons.withFile(failure),
                    cure.isEmpty() ? "Check the network, or use a folder of releases with --releases." : cure, failure);
        }
    }

    private static String explained(int code) {
        return code >= 500 ? " (internal error)" : code == 401 || code == 403 ? " (access denied)" : "";
    }

    /** Returns the text of the answer, which {@code --verbose} shows. */
    private static IOException details(Response response) throws IOException {
        String text = Quoted.bare(response.peekBody(1 << 12).string(), 1000);
        return new IOException(response.request().url().host() + " answered: " + response.code() + " " + text);
    }

    /** Fails when the quota is used up (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). */
    private static void requireQuota(Response response) throws IOException {
        boolean used = "0".equals(response.header("x-ratelimit-remaining")) || response.header("retry-after") != null;
        if (response.code() != 429 && !(response.code() == 403 && used)) return;
        long seconds = number(response.header("retry-after"));
        if (seconds < 0) seconds = number(response.header("x-ratelimit-reset")) - Instant.now().getEpochSecond();
        // GitHub renews the quota each hour, so a wait of more than a day is an error.
        String when = seconds > 0 && seconds < 86_400 ? "in " + Words.counted((seconds + 59) / 60, "minute", "minutes") : "in an hour";
        throw new OpsException(Exit.FAILED,
                response.request().url().host() + " has received too many requests from this address",
                "Try again " + when + ", or use a folder of releases with --releases.", details(response));
    }

    private static long number(String text) {
        return text != null && text.matches("\\d{1,12}") ? Long.parseLong(text) : -1;
    }

    @Override
    public Body open(String location, long size) throws IOException {
        Response response = call(new Request.Builder().url(address(location)).header("Accept-Encoding", "identity").build(), size).execute();
        boolean good = false;
        try {
            requireSamePlace(response);
            if (response.code() != 200) throw unexpected(response);
            good = true;
            return new Body(response.body().byteStream(), response.body().contentLength());
        } finally {
            if (!good) response.close();
        }
    }

    /** Returns an error after which another attempt may succeed, and throws any other. */
    private static IOException unexpected(Response response) {
        String what = response.request().url().host() + " answered " + response.code();
        if (response.code() >= 500 || response.code() == 429) return new IOException(what);
        throw new OpsException(Exit.FAILED, "Could not download " + Quoted.bare(response.request().url().encodedPath(), 200) + ": " + what,
                "Check the releases URL, or use a folder of releases with --releases.");
    }

    /** Prepares a call whose timeout is that of the slowest accepted transfer, so that endless headers end too. */
    private Call call(Request request, long size) {
        Call call = client.newCall(request);
        call.timeout().timeout(patience.multipliedBy(3 + size / Download.TRICKLE).toMillis(), TimeUnit.MILLISECONDS);
        return call;
    }

    /** Refuses an address without TLS when the releases are looked up with TLS. */
    private HttpUrl address(String text) {
        HttpUrl address = HttpUrl.parse(text);
        if (address == null) throw new OpsException(Exit.FAILED, "Not a web address: " + Quoted.bare(text, 200), "Check the releases URL.");
        if (isSecure() && !address.isHttps()) throw plain(address.host());
        return address;
    }

    private void requireSamePlace(Response response) {
        if (!response.isRedirect()) return;
        String target = Quoted.bare(response.header("Location", "nowhere"), 200);
        if (isSecure()) throw plain(response.request().url().host());
        throw new OpsException(Exit.FAILED, response.request().url().host() + " redirects to " + target, "Use that address with --releases.");
    }

    private static OpsException plain(String host) {
        return new OpsException(Exit.FAILED, host + " serves the download over plain HTTP, where it can be replaced on the way",
                "Do not use this release; check the releases URL.");
    }
}
