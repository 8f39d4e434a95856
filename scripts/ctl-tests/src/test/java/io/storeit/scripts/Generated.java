package io.storeit.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files of the checkout that are made from others. The tests that make them compare; with the system property {@code prepare}, which
 * {@code make prepare} sets, they write.
 */
public final class Generated {

    private Generated() {
    }

    /** @param file within the checkout */
    public static void assertUpToDate(String file, String content) throws IOException {
        Path path = Shell.ROOT.resolve(file);
        if (Boolean.getBoolean("prepare")) {
            Files.createDirectories(path.getParent());
            Files.writeString(path, content);
        }
        assertThat(path).as("%s is made from other files: run make prepare and look at what it changes", file).exists().hasContent(content);
    }
}
