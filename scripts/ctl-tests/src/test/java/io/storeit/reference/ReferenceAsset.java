package io.storeit.reference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

/**
 * Packs the stand-in into one executable file, as a release asset is: a launch line with a jar behind it. The jar holds the stand-in and
 * names its libraries where they lie on this machine, so the file works here only, and is small.
 *
 * <pre>java -cp … io.storeit.reference.ReferenceAsset VERSION SCHEMA FILE</pre>
 */
public final class ReferenceAsset {
    /** {@code -Xrs} leaves SIGTERM to the system: like the reference, the process ends at once, whatever it is doing (D64). */
    private static final String LAUNCH = """
            #!/bin/sh
            export LC_ALL=C.UTF-8
            exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xrs -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=2 -XX:+UseSerialGC -Xlog:disable -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote \\
              --enable-native-access=ALL-UNNAMED -Dorg.sqlite.lib.path='@FOLDER@' -Dorg.sqlite.lib.name='@LIBRARY@' -jar "$0" "$@"
            """;

    private ReferenceAsset() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("Usage: ReferenceAsset VERSION SCHEMA FILE");
            System.exit(2);
        }
        write(arguments[0], Integer.parseInt(arguments[1]), Path.of(arguments[2]));
    }

    /** Writes the release {@code version}, which expects {@code schema}, to {@code file}. */
    public static void write(String version, int schema, Path file) throws IOException {
        var library = library();
        var bytes = new ByteArrayOutputStream();
        bytes.write(LAUNCH.replace("@FOLDER@", library.getParent().toString()).replace("@LIBRARY@", library.getFileName().toString())
                .getBytes(StandardCharsets.UTF_8));
        bytes.write(jar(version, schema));
        Files.write(file, bytes.toByteArray());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static byte[] jar(String version, int schema) throws IOException {
        var own = folderOf(ReferenceAsset.class);
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, ReferenceServer.class.getName());
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", libraries()));
        manifest.getMainAttributes().put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
        var bytes = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(bytes, manifest); Stream<Path> files = Files.walk(own.resolve("io/storeit/reference"))) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                jar.putNextEntry(new JarEntry(own.relativize(file).toString()));
                Files.copy(file, jar);
            }
            jar.putNextEntry(new JarEntry(Build.RESOURCE));
            jar.write("version=%s%nschema=%d%n".formatted(version, schema).getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** As URLs, each named by a class the stand-in uses from it. */
    private static List<String> libraries() {
        var libraries = new ArrayList<String>();
        for (var name : List.of("com.fasterxml.jackson.databind.ObjectMapper", "com.fasterxml.jackson.core.JsonFactory",
                "com.fasterxml.jackson.annotation.JsonProperty", "com.github.luben.zstd.ZstdInputStream", "org.sqlite.SQLiteConfig",
                "org.apache.commons.compress.archivers.tar.TarArchiveEntry", "org.apache.commons.io.Charsets",
                "org.apache.commons.lang3.ArrayUtils", "com.password4j.Password", "org.slf4j.Logger", "org.slf4j.nop.NOPServiceProvider")) {
            try {
                libraries.add(folderOf(Class.forName(name)).toUri().toString());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
        return libraries;
    }

    private static Path folderOf(Class<?> type) {
        try {
            return Path.of(new URI(type.getProtectionDomain().getCodeSource().getLocation().toString()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** SQLite's native library, unpacked once: left to itself the driver unpacks a copy at each start, which a killed process never removes. */
    private static Path library() throws IOException {
        var name = System.mapLibraryName("sqlitejdbc");
        var target = folderOf(ReferenceAsset.class).resolveSibling("reference-library").resolve(SQLiteJDBCLoader.getVersion())
                .resolve(name);
        if (!Files.exists(target)) {
            Files.createDirectories(target.getParent());
            var unpacked = Files.createTempFile(target.getParent(), name, ".part");
            try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream("/org/sqlite/native/%s/%s".formatted(OSInfo.getNativeLibFolderPathForCurrentOS(), name))) {
                Files.copy(library, unpacked, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
        }
        return target;
    }
}
