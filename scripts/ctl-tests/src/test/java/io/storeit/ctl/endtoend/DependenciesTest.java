package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** storeit-ctl.java names its libraries twice: for JBang in the file, for Maven in the pom. */
class DependenciesTest {
    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*(?:<!--.*?-->\\s*)?<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>(?:\\s*<version>([^<]+)</version>)?\\s*(<scope>test</scope>)?", Pattern.DOTALL);
    private static final Pattern PROPERTY = Pattern.compile("<([A-Za-z0-9.-]+)>([^<]+)</\\1>");

    @Test
    void theDepsOfTheFileAreThoseOfThePomExactlyAndSorted() throws IOException {
        var lines = Files.readAllLines(Release.PROJECT.resolve("storeit-ctl.java"));
        var deps = lines.stream().filter(line -> line.startsWith("//DEPS ")).map(line -> line.substring("//DEPS ".length())).toList();
        assertThat(deps).isSorted().allMatch(dep -> dep.matches("[^:]+:[^:]+:[0-9][^:\\[\\(+]*"));
        assertThat(deps).containsExactlyInAnyOrderElementsOf(dependenciesOfThePom());
    }

    private static List<String> dependenciesOfThePom() throws IOException {
        var parent = Files.readString(Release.PROJECT.resolve("pom.xml"));
        var properties = new TreeMap<String, String>();
        for (var property = PROPERTY.matcher(parent); property.find();) {
            properties.putIfAbsent(property.group(1), property.group(2));
        }
        properties.put("project.version", properties.get("revision"));
        var managed = new TreeMap<String, String>();
        for (var dependency = DEPENDENCY.matcher(parent); dependency.find();) {
            managed.put(dependency.group(1) + ":" + dependency.group(2), dependency.group(3));
        }
        var wanted = new ArrayList<String>();
        for (var dependency = DEPENDENCY.matcher(Files.readString(Release.MODULE.resolve("pom.xml"))); dependency.find();) {
            if (dependency.group(4) == null) {
                var name = dependency.group(1) + ":" + dependency.group(2);
                var version = dependency.group(3) != null ? dependency.group(3) : managed.get(name);
                wanted.add(name + ":" + (version.startsWith("${") ? properties.get(version.substring(2, version.length() - 1)) : version));
            }
        }
        return wanted;
    }
}
