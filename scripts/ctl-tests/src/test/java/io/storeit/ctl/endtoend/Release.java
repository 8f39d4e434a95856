package io.storeit.ctl.endtoend;

import io.storeit.reference.ReferenceAsset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The versions the tests move between: stand-ins of the servers before 0.3.0, our own build, and the synthetic next one. */
enum Release {
    /** A build before the published 0.1.0. */
    SCHEMA_1("0.1.0", 1),
    REFERENCE_020("0.2.0", 2),
    REFERENCE_021("0.2.1", 2),
    OURS("0.3.0", 2),
    NEXT("0.4.0", 3);

    /** The folder of the Maven module, in which Surefire runs the tests. */
    static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    static final Path PROJECT = MODULE.resolve("../..").normalize();
    private static final Path BUILT = folderOfTestClasses().resolveSibling("release-assets");

    final String version;
    final int schema;
    private boolean packed;
    private boolean published;

    Release(String version, int schema) {
        this.version = version;
        this.schema = schema;
    }

    boolean isOurs() {
        return this == OURS || this == NEXT;
    }

    /** Where its executable file is, if it is built. */
    Path file() {
        return switch (this) {
            case OURS -> PROJECT.resolve("target/storeit-server");
            case NEXT -> PROJECT.resolve("target/next/storeit-server");
            case SCHEMA_1, REFERENCE_020, REFERENCE_021 -> BUILT.resolve("storeit-server-" + version);
        };
    }

    boolean isBuilt() {
        return Files.isExecutable(file());
    }

    /** The executable file of this release; {@code scripts/build.sh} and {@code scripts/build.sh next} have made ours. */
    synchronized Path asset() {
        var asset = file();
        if (isOurs()) {
            if (!isBuilt()) {
                throw new IllegalStateException(asset + " is missing: run scripts/build.sh and scripts/build.sh next");
            }
        } else if (!packed) {
            pack(asset);
            packed = true;
        }
        return asset;
    }

    private void pack(Path asset) {
        try {
            Files.createDirectories(BUILT);
            ReferenceAsset.write(version, schema, asset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of this release as it is published, made once: hashing two files of this size costs more than copying them. */
    synchronized Path published() {
        var releases = BUILT.resolveSibling("releases");
        if (!published) {
            publish(releases, version, asset());
            published = true;
        }
        return releases.resolve("v" + version);
    }

    /** Adds a folder to {@code releases}, with an asset and its sums. */
    static void publish(Path releases, String version, Path asset) {
        Machine.runToEnd(new ProcessBuilder(PROJECT.resolve("scripts/release-folder.sh")
                .toString(), releases.toString(), version, asset.toString()));
    }

    /** The household a real server of this schema wrote; never changed, tests copy it. */
    Path fixture() {
        var fixtures = PROJECT.resolve("interchange/src/test/resources/fixtures");
        return fixtures.resolve(schema == 1 ? "schema1-v0.1.0" : "schema2-v0.2.1");
    }

    static Path folderOfTestClasses() {
        return Path.of(Release.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    }
}
