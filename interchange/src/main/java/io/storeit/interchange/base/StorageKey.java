package io.storeit.interchange.base;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recognises the names image files may have, relative to the image folder. Everything else (absolute paths, {@code ..}, backslashes, other
 * depths and endings) is refused wherever a key comes from outside, because keys become paths.
 */
public final class StorageKey {

    private static final String ENDING = "\\.(?:webp|jpg|png|gif|heic|bin)";
    private static final Pattern HASHED = Pattern.compile("([0-9a-f]{2})/(\\1[0-9a-f]{62})" + ENDING);
    private static final Pattern HASHED_THUMBNAIL = Pattern.compile("([0-9a-f]{2})/(\\1[0-9a-f]{62})_thumb\\.webp");
    private static final Pattern FLAT = Pattern.compile(
            "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?:_thumb\\.webp|" + ENDING + ")");

    private StorageKey() {
    }

    /** Returns whether an image file may have this name: named by its hash, an old flat name, or a thumbnail beside either. */
    public static boolean isValid(String key) {
        return HASHED.matcher(key).matches() || FLAT.matcher(key).matches() || HASHED_THUMBNAIL.matcher(key).matches();
    }

    /** Returns the SHA-256 of the file's bytes in lower-case hex, when the key contains it. */
    public static Optional<String> hash(String key) {
        Matcher matcher = HASHED.matcher(key);
        return matcher.matches() ? Optional.of(matcher.group(2)) : Optional.empty();
    }
}
