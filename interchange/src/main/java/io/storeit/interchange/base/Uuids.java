package io.storeit.interchange.base;

/** Converts ids to their one spelling: 36 characters, lower case, with hyphens. */
public final class Uuids {

    private static final int LENGTH = 36;

    private Uuids() {
    }

    /**
     * Converts any accepted spelling (upper case, without hyphens, in braces, with {@code urn:uuid:} in front) to the one form.
     *
     * @return the id, or null when the text is not a UUID
     */
    public static String normalise(String text) {
        if (isNormal(text)) {
            return text;
        }
        String bare = text;
        if (bare.startsWith("urn:uuid:")) {
            bare = bare.substring("urn:uuid:".length());
        } else if (bare.length() == LENGTH + 2 && bare.charAt(0) == '{' && bare.charAt(LENGTH + 1) == '}') {
            bare = bare.substring(1, LENGTH + 1);
        }
        boolean hyphens = bare.length() == LENGTH;
        if (!hyphens && (bare.length() != 32 || text.startsWith("urn:"))) {
            return null;
        }
        var normal = new StringBuilder(LENGTH);
        for (int i = 0; i < bare.length(); i++) {
            char c = bare.charAt(i);
            if (hyphens && isHyphenPlace(i)) {
                if (c != '-') {
                    return null;
                }
                continue;
            }
            int digit = hexDigit(c);
            if (digit < 0) {
                return null;
            }
            if (isHyphenPlace(normal.length())) {
                normal.append('-');
            }
            normal.append(Character.forDigit(digit, 16));
        }
        return normal.toString();
    }

    /** Returns whether the text already has the one form. */
    public static boolean isNormal(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            boolean good = isHyphenPlace(i) ? c == '-' : c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
            if (!good) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHyphenPlace(int index) {
        return index == 8 || index == 13 || index == 18 || index == 23;
    }

    /** Returns the value of an ASCII hex digit; {@link Character#digit(char, int)} accepts other digits too. */
    private static int hexDigit(char c) {
        return c < 128 ? Character.digit(c, 16) : -1;
    }
}
