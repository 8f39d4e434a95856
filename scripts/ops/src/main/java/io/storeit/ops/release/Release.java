package io.storeit.ops.release;

import io.storeit.interchange.Quoted;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.base.Version;
import io.storeit.ops.base.Words;
import io.storeit.ops.host.Platform;
import io.storeit.ops.host.Sha256;
import io.storeit.ops.settings.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One release: what it says about itself and about the file that fits this machine. Where it lies may be a hostile mirror, so
 * nothing of it is used before {@link #requireTrusted}, and no file of it leaves its download folder before {@link #fetch}.
 */
public final class Release {
    /** @param size in bytes. @param sha256 what the release names beside the file; null where it names none */
    public record Asset(String name, String location, long size, String sha256) {}

    private static final String SUMS = "SHA256SUMS";
    private static final String SIGNATURE = "SHA256SUMS.sig";
    /** A hundred times what a real one has, in bytes. */
    private static final int SUMS_LIMIT = 1 << 20;
    private static final Pattern SCHEMA = Pattern.compile("# Schema (\\d{1,6})");

    private final String version;
    private final Map<String, Asset> assets;
    private final Releases source;
    private final String publishedAt;
    private final boolean preRelease;
    /** What SHA256SUMS says of each file; null as long as nothing of this release is trusted. */
    private Map<String, String> sums;

    Release(String version, Map<String, Asset> assets, Releases source) {
        this(version, assets, source, null, !Version.parse(version).preRelease().isEmpty());
    }

    /** @param publishedAt RFC 3339; null where the place of releases does not tell */
    Release(String version, Map<String, Asset> assets, Releases source, String publishedAt, boolean preRelease) {
        this.version = version;
        this.assets = assets;
        this.source = source;
        this.publishedAt = publishedAt;
        this.preRelease = preRelease;
    }

    /** @param wanted {@code latest}, or a version with or without a leading {@code v} */
    static String requested(String wanted) {
        String version = wanted.startsWith("v") ? wanted.substring(1) : wanted;
        if (!wanted.equals("latest")) Version.parse(version);
        return version;
    }

    public String version() {
        return version;
    }

    public String publishedAt() {
        return publishedAt;
    }

    public boolean preRelease() {
        return preRelease;
    }

    /** The schema it needs, to be shown only: from its sums, which nobody has checked. Of releases before 0.3.0 it is known. */
    public Optional<Integer> schema() {
        Version parsed = Version.parse(version);
        if (!parsed.since030()) return Optional.of(parsed.minor() < 2 ? 1 : 2);
        if (!assets.containsKey(SUMS)) return Optional.empty();
        try {
            return new String(read(assets.get(SUMS), SUMS_LIMIT), StandardCharsets.UTF_8).lines().limit(5).map(SCHEMA::matcher).filter(Matcher::matches)
                    .map(found -> Integer.valueOf(found.group(1))).findFirst();
        } catch (OpsException unreadable) {
            return Optional.empty();
        }
    }

    /** Exact names only, first match wins (contract of the release assets). */
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

    /**
     * Reads the checksums and their signature. Signed by a trusted key: silent. Without a signature, or without a key to check it
     * with: asks. Signed by somebody else: refused whatever was allowed, for that is what a forged release looks like.
     */
    public void requireTrusted(Context context, Asset wanted, boolean allowUnsigned) {
        Asset list = assets.get(SUMS);
        if (list == null) throw refused("Release " + version + " has no " + SUMS + ", so its files cannot be checked");
        byte[] content = read(list, SUMS_LIMIT);
        if (list.sha256() != null && !list.sha256().equals(Sha256.of(content))) throw wrong(list, "its SHA-256 is not the one the release names");
        Map<String, String> listed = listed(new String(content, StandardCharsets.UTF_8).lines().toList());
        String sum = listed.get(wanted.name());
        if (sum == null) throw refused(SUMS + " of release " + version + " does not name " + wanted.name());
        if (wanted.sha256() != null && !wanted.sha256().equals(sum)) {
            throw refused("Release " + version + " names another SHA-256 for " + wanted.name() + " than its " + SUMS);
        }
        var keys = TrustedKeys.load(context.settings().releaseKeys());
        Asset signed = assets.get(SIGNATURE);
        if (signed == null) {
            context.console().requireConsent(allowUnsigned, "--allow-unsigned",
                    "The release " + version + " carries no signature; its checksums are checked.", "Use it?");
        } else if (keys.isEmpty()) {
            context.console().requireConsent(allowUnsigned, "--allow-unsigned", "The release " + version
                    + " is signed, but this storeit-ctl knows no key to check that with (--release-keys names some); its checksums are checked.", "Use it?");
        } else if (!keys.signed(content, read(signed, TrustedKeys.SIGNATURE_LENGTH))) {
            throw refused("The signature of release " + version + " was made by no key that is trusted");
        }
        sums = listed;
    }

    /** The first line ties the list to one version, so that an old signed list cannot stand under a new tag. */
    private Map<String, String> listed(List<String> lines) {
        String first = lines.isEmpty() ? "" : lines.get(0).strip();
        // The lists of servers before 0.3.0 have no such line.
        if ((Version.parse(version).since030() || first.startsWith("#")) && !first.equals("# StoreIT " + version)) {
            throw refused(SUMS + " of release " + version + " is for another version: " + (first.isEmpty() ? "it is empty" : Quoted.bare(first)));
        }
        var listed = new HashMap<String, String>();
        for (String line : lines) {
            String[] parts = line.strip().split("\\s+\\*?", 2);
            if (parts.length != 2 || !parts[0].matches("[0-9a-fA-F]{64}")) continue;
            String earlier = listed.put(parts[1], parts[0].toLowerCase(Locale.ROOT));
            if (earlier != null && !earlier.equalsIgnoreCase(parts[0])) {
                throw refused(SUMS + " of release " + version + " names " + Quoted.bare(parts[1]) + " twice");
            }
        }
        return listed;
    }

    private byte[] read(Asset asset, int limit) {
        try (Releases.Body body = source.open(asset.location(), Math.min(asset.size(), limit))) {
            byte[] content = body.stream().readNBytes(limit + 1);
            if (content.length > limit) throw wrong(asset, "it is longer than " + limit + " bytes");
            return content;
        } catch (IOException failure) {
            throw new OpsException(Exit.FAILED, "Could not read " + asset.name() + " of release " + version + ": " + OpsException.reason(failure),
                    "Check the network, or use a folder of releases with --releases.", failure);
        }
    }

    /** Downloads a file of this trusted release into {@code folder}; what is not right does not stay there. */
    public VerifiedDownload fetch(Context context, Asset asset, Path folder) {
        return new Download(context, source, asset, Objects.requireNonNull(sums, "not trusted yet").get(asset.name()), folder).run();
    }

    private static OpsException refused(String what) {
        return new OpsException(Exit.FAILED, what, "Do not use this release.");
    }

    static OpsException wrong(Asset asset, String why) {
        return new OpsException(Exit.FAILED, "The download of " + asset.name() + " is not right: " + why, "It was thrown away; nothing was changed.");
    }
}
