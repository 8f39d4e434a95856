package io.storeit.interchange.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Provides the version of this build. It stands in the parent pom only; the build writes it into a resource. */
public final class StoreitVersion {

    /** Holds the application version, for example {@code 0.3.0}. Independent of the schema version. */
    public static final String APPLICATION = read();

    private StoreitVersion() {
    }

    private static String read() {
        try (InputStream in = StoreitVersion.class.getResourceAsStream("version.properties")) {
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty("application");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the version of this build", e);
        }
    }
}
