package io.storeit.interchange.base;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids, storage keys, and how values from outside appear in messages. */
class NamesTest {

    private static final String ID = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    private static final String HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void idsOfAllSpellingsBecomeOne() {
        String bare = ID.replace("-", "");
        for (String spelling : new String[] {ID, ID.toUpperCase(), bare, bare.toUpperCase(), "{" + ID + "}", "urn:uuid:" + ID}) {
            assertThat(Uuids.normalise(spelling)).isEqualTo(ID);
        }
        assertThat(Uuids.normalise(ID)).isSameAs(ID);
        for (int i = 0; i < 100; i++) {
            String random = UUID.randomUUID().toString();
            assertThat(Uuids.normalise(random)).isSameAs(random);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "x", "67e55044-10b1-426f-9247-bb680e5fe0c", "67e55044-10b1-426f-9247-bb680e5fe0c88", "67e5504-410b1-426f-9247-bb680e5fe0c8",
        "67e55044x10b1-426f-9247-bb680e5fe0c8", "g7e55044-10b1-426f-9247-bb680e5fe0c8", "{67e5504410b1426f9247bb680e5fe0c8}",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8", "urn:uuid:67e5504410b1426f9247bb680e5fe0c8", "６7e55044-10b1-426f-9247-bb680e5fe0c8",
    })
    void whatIsNoIdIsNull(String text) {
        assertThat(Uuids.normalise(text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "e3/" + HASH + ".webp", "e3/" + HASH + ".jpg", "e3/" + HASH + ".png", "e3/" + HASH + ".gif", "e3/" + HASH + ".heic", "e3/" + HASH + ".bin",
        "e3/" + HASH + "_thumb.webp", ID + ".webp", ID + "_thumb.webp",
    })
    void imageFilesMayHaveTheNamesTheyEverHad(String key) {
        assertThat(StorageKey.isValid(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ".", "..", "/", "e3", "e3/", "/e3/" + HASH + ".png", "../e3/" + HASH + ".png", "e3/../" + HASH + ".png", "e3\\" + HASH + ".png",
        "e4/" + HASH + ".png", "E3/" + HASH + ".png", "e3/" + HASH, "e3/" + HASH + ".", "e3/" + HASH + ".PNG", "e3/" + HASH + ".svg",
        "e3/" + HASH + ".png/x", "e3/" + HASH + ".png\u0000", "e3/" + HASH + ".png\n", "e3/" + HASH + "_thumb.png", HASH + ".png",
        ID, "x/" + ID + ".png", ID + ".svg", ID + ".png.webp", "e3/" + ID + ".png",
    })
    void allOtherNamesAreRefused(String key) {
        assertThat(StorageKey.isValid(key)).isFalse();
        assertThat(StorageKey.hash(key)).isEmpty();
    }

    @Test
    void onlyKeysNamedByTheHashCarryIt() {
        assertThat(StorageKey.hash("e3/" + HASH + ".png")).contains(HASH);
        assertThat(StorageKey.hash("e3/" + HASH + "_thumb.webp")).isEmpty();
        assertThat(StorageKey.hash(ID + ".png")).isEmpty();
    }

    @Test
    void valuesInMessagesAreShortAndHarmless() {
        assertThat(Quoted.of("Drill")).isEqualTo("\"Drill\"");
        assertThat(Quoted.of("工具箱 🔧")).isEqualTo("\"工具箱 🔧\"");
        assertThat(Quoted.of("\u001b[2J\n\r\t\u202e\u2028\ud800")).isEqualTo("\"\\u001b[2J\\u000a\\u000d\\u0009\\u202e\\u2028\\ud800\"");
        assertThat(Quoted.of("x".repeat(60))).isEqualTo("\"" + "x".repeat(60) + "\"");
        assertThat(Quoted.of("x".repeat(61))).isEqualTo("\"" + "x".repeat(60) + "...\"");
        assertThat(Quoted.of("🔧".repeat(61))).isEqualTo("\"" + "🔧".repeat(60) + "...\"");
        assertThat(Quoted.of(JsonNodeFactory.instance.numberNode(7))).isEqualTo("7");
        assertThat(Quoted.of(JsonNodeFactory.instance.objectNode())).isEqualTo("an object");
    }
}
