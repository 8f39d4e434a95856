package io.storeit.interchange.base;

import com.fasterxml.jackson.databind.JsonNode;

/** Makes values from outside safe for a one-line message: quoted, shortened, without terminal control characters. */
public final class Quoted {

    /** Limits the characters shown of a value. */
    private static final int SHOWN = 60;

    private Quoted() {
    }

    /** Returns a text in double quotes. */
    public static String of(String text) {
        return '"' + bare(text) + '"';
    }

    /** Returns a text in double quotes with another limit of characters. */
    public static String of(String text, int limit) {
        return '"' + bare(text, limit) + '"';
    }

    /** Returns a JSON value: strings in quotes, everything else as it is written. */
    public static String of(JsonNode value) {
        if (value.isTextual()) {
            return of(value.textValue());
        }
        if (value.isObject()) {
            return "an object";
        }
        return value.isArray() ? "a list" : bare(value.asText());
    }

    /** Returns a text without quotes. */
    public static String bare(String text) {
        return bare(text, SHOWN);
    }

    /** Returns a text without quotes with another limit of characters. */
    public static String bare(String text, int limit) {
        var shown = new StringBuilder();
        int[] points = text.codePoints().limit(limit + 1L).toArray();
        for (int i = 0; i < Math.min(points.length, limit); i++) {
            int type = Character.getType(points[i]);
            boolean invisible = type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR || type == Character.UNASSIGNED
                    || type == Character.PRIVATE_USE;
            if (invisible) {
                shown.append(String.format("\\u%04x", points[i]));
            } else {
                shown.appendCodePoint(points[i]);
            }
        }
        return points.length > limit ? shown.append("...").toString() : shown.toString();
    }
}
