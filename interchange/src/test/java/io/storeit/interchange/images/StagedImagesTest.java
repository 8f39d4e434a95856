package io.storeit.interchange.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image files wait aside, come in together, and can be taken back. */
class StagedImagesTest {

    private static final String FLAT = "0f8fad5b-d9cb-469f-a165-70867728950e.jpg";

    @TempDir
    Path parent;
    private Path folder;
    private ImageStore store;

    @BeforeEach
    void nameFolder() {
        folder = parent.resolve("images");
        store = new ImageStore(folder);
    }

    @Test
    void filesAppearOnlyWhenLinked() throws Exception {
        StagedImages staged = store.stage();
        assertThat(folder).doesNotExist();
        String key = add(staged, "a picture");
        staged.await();
        assertThat(store.has(key)).isFalse();
        assertThat(staged.has(key)).isTrue();

        staged.link();
        assertThat(store.file(key)).hasContent("a picture");
        staged.finish();
        assertThat(names()).containsExactlyInAnyOrder(key.substring(0, 2), key);
        assertThat(staged.warnings()).isEmpty();
    }

    @Test
    void whatIsTakenBackLeavesNoTrace() throws Exception {
        StagedImages staged = store.stage();
        add(staged, "one");
        add(staged, "two");
        staged.discard();
        assertThat(folder).doesNotExist();

        StagedImages linked = store.stage();
        add(linked, "three");
        linked.link();
        linked.discard();
        assertThat(folder).doesNotExist();
    }

    @Test
    void whatWasThereBeforeStaysWhenTheRestIsTakenBack() throws Exception {
        String present = put("present", "present");
        StagedImages staged = store.stage();
        add(staged, "present");
        add(staged, "new");
        staged.link();
        staged.discard();
        assertThat(names()).containsExactlyInAnyOrder(present.substring(0, 2), present);
    }

    @Test
    void anEqualFileIsNotWrittenAgain() throws Exception {
        String key = put("same", "same");
        Object before = Files.getAttribute(store.file(key), "unix:ino");
        StagedImages staged = store.stage();
        add(staged, "same");
        staged.link();
        staged.finish();
        assertThat(Files.getAttribute(store.file(key), "unix:ino")).isEqualTo(before);
        assertThat(staged.warnings()).isEmpty();
    }

    @Test
    void aDamagedFileIsReplacedAndKeptBesideIt() throws Exception {
        String key = put("whole picture", "whole pict");
        StagedImages staged = store.stage();
        add(staged, "whole picture");
        assertThat(staged.warnings()).singleElement().satisfies(warning -> assertThat(warning).contains(key).contains("was damaged"));
        staged.link();
        assertThat(store.file(key)).hasContent("whole picture");
        staged.finish();
        assertThat(names()).anyMatch(name -> name.matches("..\\/" + key.substring(3) + "\\.replaced-\\d{8}-\\d{6}"));
    }

    @Test
    void aReplacedFileComesBackWhenItIsTakenBack() throws Exception {
        String key = put("whole picture", "whole pict");
        StagedImages staged = store.stage();
        add(staged, "whole picture");
        staged.link();
        staged.discard();
        assertThat(store.file(key)).hasContent("whole pict");
        assertThat(names()).containsExactlyInAnyOrder(key.substring(0, 2), key);
    }

    @Test
    void aDifferentFileUnderAFlatNameIsKeptBesideTheNewOne() throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(FLAT), "from here");
        StagedImages staged = store.stage();
        staged.add(FLAT, 9, new ByteArrayInputStream("elsewhere".getBytes(StandardCharsets.UTF_8)));
        staged.link();
        staged.finish();
        assertThat(folder.resolve(FLAT)).hasContent("elsewhere");
        assertThat(names()).anySatisfy(name -> {
            assertThat(name).startsWith(FLAT + ".replaced-");
            assertThat(folder.resolve(name)).hasContent("from here");
        });
        assertThat(staged.warnings()).hasSize(1);
    }

    @Test
    void anEqualFileUnderAFlatNameIsLeftAlone() throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(FLAT), "equal");
        StagedImages staged = store.stage();
        staged.add(FLAT, 5, new ByteArrayInputStream("equal".getBytes(StandardCharsets.UTF_8)));
        staged.link();
        staged.finish();
        assertThat(names()).containsExactly(FLAT);
        assertThat(staged.warnings()).isEmpty();
    }

    @Test
    void keysThatLeadElsewhereAreRefused() {
        for (String key : List.of("../x.webp", "/etc/passwd", "ab/../../x.webp", "ab\\x.webp", "")) {
            assertThat(store.has(key)).isFalse();
            assertThat(catchKey(key)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Throwable catchKey(String key) {
        try {
            store.file(key);
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static String add(StagedImages staged, String content) throws Exception {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        String key = key(content);
        staged.add(key, bytes.length, new ByteArrayInputStream(bytes));
        return key;
    }

    /** A file named for one content that holds another. */
    private String put(String named, String content) throws Exception {
        String key = key(named);
        Files.createDirectories(store.file(key).getParent());
        Files.writeString(store.file(key), content);
        return key;
    }

    private static String key(String content) throws Exception {
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        return hash.substring(0, 2) + "/" + hash + ".webp";
    }

    private List<String> names() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(path -> !path.equals(folder)).map(path -> folder.relativize(path).toString()).toList();
        }
    }
}
