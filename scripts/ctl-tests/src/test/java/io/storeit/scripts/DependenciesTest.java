package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** storeit-ctl.java names its libraries twice: for Maven in the pom and, made from that, for JBang in the file. */
@Tag("once")
@Tag("generated")
class DependenciesTest {
    private static final String FILE = "storeit-ctl.java";
    private static final String DEPS = "//DEPS ";
    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*(?:<!--.*?-->\\s*)?<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>(?:\\s*<version>([^<]+)</version>)?\\s*(<scope>test</scope>)?", Pattern.DOTALL);
    private static final Pattern PROPERTY = Pattern.compile("<([A-Za-z0-9.-]+)>([^<]+)</\\1>");

    @Test
    void theDepsOfTheFileAreThoseOfThePomSorted() throws IOException {
        var dependencies = dependenciesOfThePom();
        assertThat(dependencies).isNotEmpty().allMatch(dependency -> dependency.matches("[^:]+:[^:]+:[0-9][^:\\[\\(+]*"));
        var lines = new ArrayList<String>();
        boolean written = false;
        for (String line : Files.readAllLines(Shell.ROOT.resolve(FILE))) {
            if (!line.startsWith(DEPS)) {
                lines.add(line);
            } else if (!written) {
                dependencies.forEach(dependency -> lines.add(DEPS + dependency));
                written = true;
            }
        }
        assertThat(written).isTrue();
        Generated.assertUpToDate(FILE, String.join("\n", lines) + "\n");
    }

    private static TreeSet<String> dependenciesOfThePom() throws IOException {
        var parent = Files.readString(Shell.ROOT.resolve("pom.xml"));
        var properties = new TreeMap<String, String>();
        for (var property = PROPERTY.matcher(parent); property.find();) {
            properties.putIfAbsent(property.group(1), property.group(2));
        }
        properties.put("project.version", properties.get("revision"));
        var managed = new TreeMap<String, String>();
        for (var dependency = DEPENDENCY.matcher(parent); dependency.find();) {
            managed.put(dependency.group(1) + ":" + dependency.group(2), dependency.group(3));
        }
        var wanted = new TreeSet<String>();
        for (var dependency = DEPENDENCY.matcher(Files.readString(Shell.ROOT.resolve("scripts/ctl-tests/pom.xml"))); dependency.find();) {
            if (dependency.group(4) == null) {
                var name = dependency.group(1) + ":" + dependency.group(2);
                var version = dependency.group(3) != null ? dependency.group(3) : managed.get(name);
                wanted.add(name + ":" + (version.startsWith("${") ? properties.get(version.substring(2, version.length() - 1)) : version));
            }
        }
        return wanted;
    }
}
