package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The page of licences in both executables: what the libraries in them ask to be kept, taken from the libraries themselves or, where they do
 * not bring it along, from {@code scripts/release/licences}.
 */
@Tag("once")
class ThirdPartyTest {
    private static final String PAGE = "THIRD-PARTY.txt";
    private static final Path EXTRA = Shell.ROOT.resolve("scripts/release/licences");
    private static final String APACHE = "Apache-2.0";
    private static final String APACHE_BEGINS = "Apache License Version 2.0";
    private static final Pattern TEXT = Pattern.compile("(?:META-INF/(?:maven/[^/]+/[^/]+/)?)?(?:[\\w-]+-)?(?:LICENSE|NOTICE)(?:\\.\\w+)?");
    private static final Pattern LICENCE = Pattern.compile("<license>.*?<name>([^<]+)</name>", Pattern.DOTALL);
    private static final Pattern PARENT = Pattern.compile("<parent>.*?</parent>", Pattern.DOTALL);

    /** @param licence as its pom says, or the nearest parent that does */
    private record Library(String artifact, String version, String licence, Path jar) {
        static Library of(Path jar) throws IOException {
            String version = jar.getParent().getFileName().toString();
            String artifact = jar.getParent().getParent().getFileName().toString();
            return new Library(artifact, version, licence(jar.resolveSibling(artifact + "-" + version + ".pom")), jar);
        }

        String name() {
            return artifact + " " + version;
        }

        private static String licence(Path pom) throws IOException {
            String text = Files.readString(pom);
            Matcher licence = LICENCE.matcher(text);
            if (licence.find()) {
                return shortName(licence.group(1));
            }
            Matcher parent = PARENT.matcher(text);
            assertThat(parent.find()).as("%s names a licence or a parent", pom).isTrue();
            String artifact = element(parent.group(), "artifactId");
            String version = element(parent.group(), "version");
            return licence(inRepositoryOf(pom, Path.of(element(parent.group(), "groupId").replace('.', '/'), artifact, version, artifact + "-" + version + ".pom")));
        }

        /** Maven may have more than one local repository. */
        private static Path inRepositoryOf(Path pom, Path other) {
            Path repository = pom.getParent();
            while (!Files.exists(repository.resolve(other))) {
                repository = repository.getParent();
                assertThat(repository).as("%s, the parent of %s", other, pom).isNotNull();
            }
            return repository.resolve(other);
        }

        private static String element(String xml, String name) {
            return xml.substring(xml.indexOf("<" + name + ">") + name.length() + 2, xml.indexOf("</" + name + ">")).strip();
        }

        private static String shortName(String licence) {
            String name = licence.strip();
            return name.contains("Apache") ? APACHE : name.startsWith("MIT") ? "MIT" : name.replace(" License", "");
        }

        /** What the library itself brings along, and what is known to be missing there, by where it is from. */
        Map<String, String> texts() throws IOException {
            var texts = new LinkedHashMap<String, String>();
            try (var file = new ZipFile(jar.toFile())) {
                var names = new TreeSet<String>();
                file.stream().map(ZipEntry::getName).filter(name -> TEXT.matcher(name).matches()).forEach(names::add);
                for (String name : names) {
                    String text = new String(file.getInputStream(file.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
                    texts.put(name() + ", " + name.substring(name.lastIndexOf('/') + 1), text);
                }
            }
            Path extra = EXTRA.resolve(artifact + ".txt");
            if (Files.exists(extra)) {
                texts.put(name(), Files.readString(extra));
            }
            return texts;
        }
    }

    @Test
    @Tag("generated")
    void everyLibraryIsNamedWithTheTextsItAsksFor() throws Exception {
        var libraries = new ArrayList<Library>();
        for (Path jar : jars()) {
            libraries.add(Library.of(jar));
        }
        libraries.sort(Comparator.comparing(Library::name));
        Generated.assertUpToDate(PAGE, page(libraries));
    }

    @Test
    void nothingIsKeptForALibraryThatIsGone() throws Exception {
        var artifacts = jars().stream().map(jar -> jar.getParent().getParent().getFileName() + ".txt").toList();
        assertThat(Shell.files(EXTRA)).isSubsetOf(artifacts);
    }

    @Test
    void bothExecutablesHaveThePageAndOurOwnLicence() throws Exception {
        for (String program : List.of("storeit-server", "storeit-ctl")) {
            try (var jar = new ZipFile(Shell.ROOT.resolve("target").resolve(program).toFile())) {
                for (String name : List.of(PAGE, "LICENSE")) {
                    ZipEntry entry = jar.getEntry("META-INF/" + name);
                    assertThat(entry).as("%s in %s", name, program).isNotNull();
                    assertThat(new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8))
                            .isEqualTo(Files.readString(Shell.ROOT.resolve(name)));
                }
            }
        }
    }

    /** The build lists what it puts into the executables. */
    private static TreeSet<Path> jars() throws IOException {
        var jars = new TreeSet<Path>();
        for (String module : List.of("server", "scripts/ctl-tests")) {
            for (String jar : Files.readString(Shell.ROOT.resolve(module).resolve("target/libraries.txt")).strip().split(File.pathSeparator)) {
                jars.add(Path.of(jar));
            }
        }
        return jars;
    }

    private static String page(List<Library> libraries) throws IOException {
        // Many libraries have the same text, some with other spaces in it.
        var owners = new LinkedHashMap<String, List<String>>();
        var texts = new LinkedHashMap<String, String>();
        var apacheWithoutText = new ArrayList<String>();
        String apache = null;
        for (Library library : libraries) {
            Map<String, String> own = library.texts();
            for (var text : own.entrySet()) {
                String words = text.getValue().replaceAll("\\s+", " ").strip();
                owners.computeIfAbsent(words, same -> new ArrayList<>()).add(text.getKey());
                texts.putIfAbsent(words, text.getValue().replace("\r", "").replaceAll("(?m)[ \t\f]+$", "").replaceAll("^\n+|\n+$", ""));
                if (apache == null && words.startsWith(APACHE_BEGINS)) {
                    apache = words;
                }
            }
            if (!library.licence().equals(APACHE)) {
                assertThat(own).as("%s brings no licence along, and there is none in %s", library.name(), EXTRA).isNotEmpty();
            } else if (own.values().stream().noneMatch(text -> text.replaceAll("\\s+", " ").strip().startsWith(APACHE_BEGINS))) {
                apacheWithoutText.add(library.name());
            }
        }
        assertThat(apache).isNotNull();
        owners.get(apache).addAll(apacheWithoutText);

        var page = new StringBuilder("The executables of StoreIT contain these libraries. After the list stand the texts that go with them.\n\n");
        for (Library library : libraries) {
            page.append(String.format("%-55s %s\n", library.name(), library.licence()));
        }
        texts.forEach((words, text) -> page.append('\n').append("=".repeat(120)).append('\n').append(String.join("\n", owners.get(words)))
                .append('\n').append("-".repeat(120)).append("\n\n").append(text).append('\n'));
        return page.toString();
    }
}
