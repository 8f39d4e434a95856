package io.storeit.ops.release;

import io.storeit.interchange.base.Quoted;
import io.storeit.interchange.base.Reasons;
import io.storeit.interchange.base.Sha256;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.Platform;
import io.storeit.ops.settings.Context;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Describes one release and downloads its files. The source may be a hostile mirror, so a file is downloaded in two steps that cannot be
 * swapped:
 *
 * <ol>
 * <li>{@link #requireTrusted} reads the list of checksums, checks that it is for this version, that it lists the file, and that a trusted
 * key has signed it;
 * <li>{@link #fetch} downloads the file and compares its size and its SHA-256 with that list.
 * </ol>
 */
public final class Release {
    /**
     * Describes one file of a release.
     *
     * @param size in bytes
     * @param sha256 the one that the source lists for the file; null when it lists none
     */
    public record Asset(String name, String location, long size, String sha256) {}

    private static final String SIGNATURE = Checksums.FILE + ".sig";
    /** The most bytes that a list of checksums may have: a hundred times the size of a real one. */
    private static final int CHECKSUMS_LIMIT = 1 << 20;

    private final String version;
    private final Map<String, Asset> assets;
    private final Releases source;
    private final String publishedAt;
    private final boolean preRelease;
    /** Null until this release is trusted. */
    private Checksums trusted;

    Release(String version, Map<String, Asset> assets, Releases source) {
        this(version, assets, source, null, !Version.parse(version).preRelease().isEmpty());
    }

    Release(String version, Map<String, Asset> assets, Releases source, String publishedAt, boolean preRelease) {
        this.version = version;
        this.assets = assets;
        this.source = source;
        this.publishedAt = publishedAt;
        this.preRelease = preRelease;
    }

    /**
     * Checks the wanted version and returns it without a leading {@code v}.
     *
     * @param wanted {@code latest}, or a version with or without a leading {@code v}
     */
    static String requested(String wanted) {
        String version = wanted.startsWith("v") ? wanted.substring(1) : wanted;
        if (!wanted.equals("latest")) Version.parse(version);
        return version;
    }

    // -- description

    public String version() {
        return version;
    }

    /** Returns the time of publication in RFC 3339; null when the source does not have it. */
    public String publishedAt() {
        return publishedAt;
    }

    public boolean preRelease() {
        return preRelease;
    }

    /** Returns the schema version for display only, because the list of checksums that contains it is not checked here. */
    public Optional<Integer> schema() {
        Version parsed = Version.parse(version);
        if (!parsed.since030()) return Optional.of(parsed.minor() < 2 ? 1 : 2);
        if (!assets.containsKey(Checksums.FILE)) return Optional.empty();
        try {
            return Checksums.schema(read(assets.get(Checksums.FILE), CHECKSUMS_LIMIT));
        } catch (OpsException unreadable) {
            return Optional.empty();
        }
    }

    // -- files

    /** Returns the server for this machine. It compares names exactly and takes the preferred one first. */
    public Optional<Asset> server() {
        return Platform.assetNames().stream().filter(assets::containsKey).findFirst().map(assets::get);
    }

    public Asset requireServer() {
        return server().orElseThrow(() -> missing("No matching binary for " + Platform.name() + " in release " + version));
    }

    public Asset requireFile(String name) {
        if (!assets.containsKey(name)) throw missing("There is no " + name + " in release " + version);
        return assets.get(name);
    }

    private OpsException missing(String message) {
        return new OpsException(Exit.FAILED, message,
                "Available assets: " + (assets.isEmpty() ? "none" : Words.few(assets.keySet().stream().map(Quoted::bare).toList())));
    }

    // -- trust

    /**
     * Refuses this release unless its checksums list the file and are signed by a trusted key. Asks for consent if there is no signature, or
     * no key to check it with. Always refuses a signature by another key, because a forged release has one.
     */
    public void requireTrusted(Context context, Asset wanted, boolean allowUnsigned) {
        byte[] list = checksums();
        var checksums = new Checksums(list, version);
        requireNamed(wanted, checksums);
        requireSigned(context, list, allowUnsigned);
        trusted = checksums;
    }

    private byte[] checksums() {
        Asset asset = assets.get(Checksums.FILE);
        if (asset == null) throw refused("Release " + version + " has no " + Checksums.FILE + ", so its files cannot be checked");
        byte[] content = read(asset, CHECKSUMS_LIMIT);
        if (asset.sha256() != null && !asset.sha256().equals(Sha256.hex(content))) {
            throw wrong(asset, "its SHA-256 differs from the one that the release lists");
        }
        return content;
    }

    private void requireNamed(Asset wanted, Checksums checksums) {
        String sum = checksums.of(wanted.name());
        if (sum == null) throw refused(Checksums.FILE + " of release " + version + " does not list " + wanted.name());
        if (wanted.sha256() != null && !wanted.sha256().equals(sum)) {
            throw refused("Release " + version + " lists another SHA-256 for " + wanted.name() + " than its " + Checksums.FILE);
        }
    }

    private void requireSigned(Context context, byte[] list, boolean allowUnsigned) {
        var keys = TrustedKeys.load(context.settings().releaseKeys());
        Asset signature = assets.get(SIGNATURE);
        if (signature == null) {
            context.console().requireConsent(allowUnsigned, "--allow-unsigned",
                    "Release " + version + " has no signature. Its checksums are checked.", "Use it?");
        } else if (keys.isEmpty()) {
            context.console().requireConsent(allowUnsigned, "--allow-unsigned", "Release " + version
                    + " is signed, but this storeit-ctl has no key to check the signature (--release-keys adds one). Its checksums are checked.", "Use it?");
        } else if (!keys.signed(list, read(signature, TrustedKeys.SIGNATURE_LENGTH))) {
            throw refused("The signature of release " + version + " does not match a trusted key");
        }
    }

    private byte[] read(Asset asset, int limit) {
        try (Releases.Body body = source.open(asset.location(), Math.min(asset.size(), limit))) {
            byte[] content = body.stream().readNBytes(limit + 1);
            if (content.length > limit) throw wrong(asset, "it is longer than " + limit + " bytes");
            return content;
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not read " + asset.name() + " of release " + version + ": " + Reasons.withFile(failure),
                    "Check the network, or use a folder of releases with --releases.", failure);
        }
    }

    // -- download

    /** Downloads a file of this trusted release into {@code folder}, which is removed if the file is invalid. */
    public VerifiedDownload fetch(Context context, Asset asset, Path folder) {
        return new Download(context, source, asset, Objects.requireNonNull(trusted, "not trusted yet").of(asset.name()), folder).run();
    }

    static OpsException refused(String what) {
        return new OpsException(Exit.FAILED, what, "Do not use this release.");
    }

    static OpsException wrong(Asset asset, String why) {
        return new OpsException(Exit.FAILED, "The download of " + asset.name() + " is invalid: " + why, "The file was removed; nothing was changed.");
    }
}
