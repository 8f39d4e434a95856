package io.storeit.interchange.archive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeySetTest {

    @Test
    void knowsEveryKeyItWasGivenAndNoOther() {
        var keys = new KeySet();
        for (int i = 0; i < 50_000; i++) {
            assertThat(keys.add("key " + i)).isTrue();
        }
        for (int i = 0; i < 50_000; i++) {
            assertThat(keys.add("key " + i)).isFalse();
            assertThat(keys.contains("key " + i)).isTrue();
            assertThat(keys.contains("other " + i)).isFalse();
        }
    }

    @Test
    void tellsKeysApartThatDifferInTheEndingOnly() {
        var keys = new KeySet();
        String key = RandomHousehold.key(new byte[0]);

        assertThat(keys.add(key)).isTrue();
        assertThat(keys.add(key.replace(".jpg", ".png"))).isTrue();
    }
}
