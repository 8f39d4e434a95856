package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.storeit.scripts.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launch stub in front of a small jar, started as people and services start it. */
@Tag("process")
class LaunchStubTest {

    private static final String JAVA_HOME = System.getProperty("java.home");

    @TempDir
    Path folder;
    private Path program;
    private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin", "JAVA_HOME", JAVA_HOME));

    @BeforeEach
    void makeTheProgram() throws Exception {
        folder = folder.toRealPath();
        Path jar = folder.resolve("echo.jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Echo.class.getName());
        String entry = Echo.class.getName().replace('.', '/') + ".class";
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest); var in = Echo.class.getClassLoader().getResourceAsStream(entry)) {
            out.putNextEntry(new JarEntry(entry));
            in.transferTo(out);
        }
        program = folder.resolve("echo");
        Result made = Shell.run(folder, Map.of("PATH", System.getenv("PATH")), List.of(Shell.ROOT.resolve("scripts/executable.sh").toString(),
                "echo", "ECHO", "-Xmx96m", "version|--help", jar.toString(), program.toString(), "import|upgrade", "-Xmx80m -Xmn40m"));
        assertThat(made.code()).as(made.err()).isZero();
    }

    private Result run(Path file, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(file.toString()));
        command.addAll(List.of(arguments));
        return Shell.run(folder, environment, command);
    }

    @Test
    void passesArgumentsAndExitCodeOn() throws Exception {
        Result result = run(program, "fail", "two words", "", "$HOME", "*", "it's", "ü—");
        assertThat(result.lines()).contains("arguments fail|two words||$HOME|*|it's|ü—");
        assertThat(result.code()).isEqualTo(7);
        assertThat(result.err()).isEmpty();
    }

    @Test
    void isAJarToo() throws Exception {
        Result result = Shell.run(folder, environment, List.of(JAVA_HOME + "/bin/java", "-jar", program.toString(), "a"));
        assertThat(result.lines()).contains("arguments a");
    }

    @Test
    void findsItsJarThroughLinksAndSpaces() throws Exception {
        Path spaces = Files.createDirectories(folder.resolve("a folder"));
        Path moved = Files.copy(program, spaces.resolve("the program"), StandardCopyOption.COPY_ATTRIBUTES);
        Path relative = Files.createSymbolicLink(spaces.resolve("link"), Path.of("the program"));
        Path absolute = Files.createSymbolicLink(folder.resolve("link to link"), relative);
        assertThat(run(absolute).lines()).contains("jar " + moved);
        assertThat(run(Path.of("a folder/link")).lines()).contains("jar " + moved);
    }

    @Test
    void isFoundInThePathAndAsAnArgumentOfTheShell() throws Exception {
        environment.put("PATH", folder + ":/usr/bin:/bin");
        assertThat(Shell.run(Path.of("/"), environment, List.of("/bin/sh", "-c", "exec echo x")).lines()).contains("jar " + program, "arguments x");
        assertThat(Shell.run(folder, environment, List.of("/bin/sh", "echo", "x")).lines()).contains("jar " + program, "arguments x");
    }

    @Test
    void onlyShortCommandsDoWithoutTheSecondCompiler() throws Exception {
        assertThat(run(program, "version").out()).contains("-XX:TieredStopAtLevel=1");
        assertThat(run(program, "import", "--help").out()).contains("-XX:TieredStopAtLevel=1");
        assertThat(run(program, "import", "version.storeit").out()).doesNotContain("TieredStopAtLevel").contains("-XX:+UseSerialGC", "-Xmx96m");
        assertThat(run(program, "import", "a").out()).containsSubsequence("-Xmx96m", "-Xmx80m", "-Xmn40m");
        assertThat(run(program, "export", "imports", "").out()).contains("-Xmx96m").doesNotContain("-Xmx80m");
        assertThat(run(program).out()).doesNotContain("TieredStopAtLevel");
    }

    @Test
    void takesMoreJavaOptionsFromItsVariable() throws Exception {
        environment.put("ECHO_JAVA_OPTS", "-Xmx64m -Dsome=thing");
        assertThat(run(program).out()).contains("-Xmx96m, -Xlog:disable, -Xmx64m, -Dsome=thing");
    }

    @Test
    void givesJavaALocaleInWhichEveryFileNameCanBeWritten() throws Exception {
        for (String locale : List.of("", "C", "POSIX")) {
            environment.put("LC_ALL", locale);
            assertThat(run(program).lines()).contains("path Müller");
        }
    }

    @Test
    void saysThatThereIsNoJavaAndWhatToDo() throws Exception {
        Result result = Shell.run(folder, Map.of("PATH", "/nowhere"), List.of("/bin/sh", program.toString(), "version"));
        assertThat(result.err()).isEqualTo("""
                echo: Java 17 or newer is needed, and there is none in JAVA_HOME or PATH
                Install it (Debian, Ubuntu: apt install default-jre-headless), or name a java in ECHO_JAVA.
                """);
        assertThat(result.code()).isEqualTo(127);
    }

    @Test
    void refusesAnOlderJavaInOneLine() throws Exception {
        Path home = fakeJava("JAVA_VERSION=\"11.0.20\"\n");
        assertThat(run(program).err()).isEqualTo("echo: Java 17 or newer is needed, " + home + "/bin/java is version 11.0.20\n"
                + "Install a newer one (Debian, Ubuntu: apt install default-jre-headless), or name it in ECHO_JAVA.\n");
        assertThat(run(program).code()).isEqualTo(127);
    }

    @Test
    void startsAJavaOfUnknownVersionWithoutACache() throws Exception {
        environment.put("ECHO_CACHE", folder.resolve("cache").toString());
        fakeJava(null);
        assertThat(run(program, "x").lines()).contains("arguments x");
        assertThat(run(program, "__warm").code()).isEqualTo(1);
        assertThat(Shell.files(folder.resolve("cache"))).isEmpty();
    }

    @Test
    void usesACacheOnlyAfterItWasWarmed() throws Exception {
        Path cache = folder.resolve("a cache");
        environment.put("ECHO_CACHE", cache.toString());
        assertThat(run(program, "x").out()).doesNotContain(cache.toString());
        assertThat(Shell.files(cache)).isEmpty();

        Result warmed = run(program, "__warm");
        assertThat(warmed.code()).as(warmed.err()).isZero();
        assertThat(warmed.out()).isEmpty();
        assertThat(Shell.files(cache)).hasSize(1).noneMatch(name -> name.contains("tmp"));

        Result result = run(program, "x");
        assertThat(result.out()).contains(cache.resolve(Shell.files(cache).get(0)).toString());
        assertThat(result.err()).isEmpty();
    }

    @Test
    void keepsTheCacheInTheCacheFolderOfItsUser() throws Exception {
        environment.put("HOME", folder.toString());
        assertThat(run(program, "__warm").code()).isZero();
        assertThat(Shell.files(folder.resolve(".cache/echo"))).hasSize(1);
    }

    @Test
    void runsWithoutAHomeAndWarmsNothingThere() throws Exception {
        assertThat(run(program, "x").code()).isZero();
        Result warmed = run(program, "__warm");
        assertThat(warmed.code()).isEqualTo(1);
        assertThat(warmed.err().lines()).singleElement().asString().contains("HOME", "ECHO_CACHE");
    }

    @Test
    void leavesNothingBehindWhenTheCacheCannotBeWrittenWhole() throws Exception {
        Path cache = folder.resolve("cache");
        environment.put("ECHO_CACHE", cache.toString());
        Result warmed = Shell.run(folder, environment, List.of("/bin/sh", "-c", "ulimit -f 64; exec \"$0\" __warm", program.toString()));
        assertThat(warmed.code()).isEqualTo(1);
        assertThat(Shell.files(cache)).isEmpty();
        assertThat(run(program, "x").lines()).contains("arguments x");
    }

    @Test
    void keepsSixCachesOfEarlierBuilds() throws Exception {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        environment.put("ECHO_CACHE", cache.toString());
        for (int i = 0; i < 8; i++) {
            Files.setLastModifiedTime(Files.writeString(cache.resolve("old" + i + ".jsa"), "x"), FileTime.fromMillis(1000L * i));
        }
        Files.writeString(cache.resolve("someone else's"), "x");
        assertThat(run(program, "__warm").code()).isZero();
        assertThat(Shell.files(cache)).hasSize(7).contains("old7.jsa", "old3.jsa", "someone else's").doesNotContain("old2.jsa");
    }

    /** A java that is a script, in a Java home with this release file. */
    private Path fakeJava(String release) throws IOException {
        Path home = Files.createDirectories(folder.resolve("java"));
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nexec '" + JAVA_HOME + "/bin/java' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (release != null) {
            Files.writeString(home.resolve("release"), release);
        }
        environment.put("JAVA_HOME", home.toString());
        return home;
    }
}
