package io.storeit.interchange.base;

import java.util.regex.Pattern;

/** Recognises the forms of password hashes. Only the form is checked; nothing here can check a password. */
public final class PasswordHash {

    private static final Pattern ARGON2 = Pattern.compile(
            "\\$argon2(?:id|i|d)\\$(?:v=[0-9]+\\$)?m=[0-9]+,t=[0-9]+,p=[0-9]+(?:,[a-z]+=[^$]*)?\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}");

    private PasswordHash() {
    }

    /** Returns whether this is a PHC string of an Argon2 variant, the only kind that servers before 0.3.0 can check. */
    public static boolean isArgon2(String hash) {
        return ARGON2.matcher(hash).matches();
    }

    /** Returns whether a server of this version can check passwords against the hash. */
    public static boolean isKnown(String hash) {
        return isArgon2(hash) || BCRYPT.matcher(hash).matches();
    }

    /** Returns the kind of hash in a word, for reports, which must not contain the hash itself. */
    public static String kind(String hash) {
        return isArgon2(hash) ? "argon2" : BCRYPT.matcher(hash).matches() ? "bcrypt" : "unknown";
    }
}
