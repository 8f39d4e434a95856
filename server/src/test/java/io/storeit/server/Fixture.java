package io.storeit.server;

import io.storeit.interchange.schema.SchemaTransforms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The households that StoreIT servers of earlier versions wrote. Tests copy them first and never serve them in place. */
enum Fixture {
    SCHEMA_1("schema1-v0.1.0"),
    SCHEMA_2("schema2-v0.2.1");

    /** The passwords of {@link #logins}, hashed with the least memory and passes, by user. */
    static final Map<String, String> QUICK_HASHES = Map.of(
            "admin", "$argon2id$v=19$m=8,t=1,p=1$JVrPEkzrWRaSeFpw3FGOUA$JbxyacUi0gHW+SA9Fg94GrgePzqWUufWxu3cYskqbiM",
            "mira", "$argon2id$v=19$m=8,t=1,p=1$EIkX1hZdx36F7QKVXXyFgQ$4kjzmrImQhdNpP96v3upHK+P+Gh8GnNdBH9ok4JtBX4",
            "zoe", "$argon2id$v=19$m=8,t=1,p=1$whcIzCj1ldEn4uxnghrbXQ$kA97mT7i2s+CkWxj6tuBj5oFJYwxk17TWgBxQsfDybk");

    private final Path folder;

    Fixture(String folder) {
        this.folder = all().resolve(folder);
    }

    private static Path all() {
        return Path.of("../interchange/src/test/resources/fixtures").toAbsolutePath().normalize();
    }

    static Path legacyArchive() {
        return all().resolve("legacy-gzip/backup.tar.gz");
    }

    /** Reads one of the archives that are named for what they show or break. */
    static byte[] golden(String name) {
        try {
            return Files.readAllBytes(Path.of("../interchange/src/test/resources/golden", name + ".storeit"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the archive that the same server exported, with its images. */
    Path archive() {
        return folder.resolve("with-images.storeit");
    }

    Path database() {
        return folder.resolve("storeit.db");
    }

    /**
     * Copies {@code storeit.db} and {@code images/} into a folder; returns the database. The one of schema 2, which most tests
     * use, is converted to the schema that this build serves, if that is newer.
     */
    Path copyTo(Path target) {
        try (Stream<Path> images = Files.walk(folder.resolve("images"))) {
            for (Path from : (Iterable<Path>) images::iterator) {
                Path to = target.resolve(folder.relativize(from).toString());
                if (Files.isDirectory(from)) {
                    Files.createDirectories(to);
                } else {
                    Files.write(to, Files.readAllBytes(from));
                }
            }
            Path database = target.resolve("storeit.db");
            Files.write(database, Files.readAllBytes(database()));
            if (this == SCHEMA_2 && SchemaTransforms.newest() > 2) {
                AutoUpgrade.run(Config.of(TestServer.environment(target, Map.of()), target));
                Files.delete(target.resolve("storeit.db.pre-upgrade"));
            }
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lists the logins of both households: name and password. */
    static List<List<String>> logins() {
        return List.of(
                List.of("admin", "changeme"),
                List.of("mira", "correct horse battery"),
                List.of("joão", "pässwörd ✓"),
                List.of("zoe", "z".repeat(100)));
    }
}
