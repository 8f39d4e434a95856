package io.storeit.reference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which StoreIT release this copy of the stand-in plays. The answer is not compiled in: {@link ReferenceAsset} puts it into each
 * file it packs, so two files that differ in version differ in bytes, as two releases do.
 *
 * @param version what the release calls itself, for example {@code 0.2.1}
 * @param schema the schema version it expects: 1 for builds before the published 0.1.0, 2 from there on
 */
record Build(String version, int schema) {
    static final String RESOURCE = "reference-build.properties";

    static Build current() {
        try (var in = Build.class.getClassLoader().getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing: run a file made by ReferenceAsset");
            }
            var properties = new Properties();
            properties.load(in);
            return new Build(properties.getProperty("version"), Integer.parseInt(properties.getProperty("schema")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
