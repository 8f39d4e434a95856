package io.storeit.interchange.base;

import com.fasterxml.jackson.databind.JsonNode;

/** Values from outside, made fit to stand in a one-line message: quoted, shortened, nothing a terminal would act on. */
public final class Quoted {

    /** Characters shown of a value. */
    private static final int SHOWN = 60;

    private Quoted() {
    }

    /** A text in double quotes. */
    public static String of(String text) {
        return '"' + bare(text) + '"';
    }

    /** The same with another number of characters shown. */
    public static String of(String text, int limit) {
        return '"' + bare(text, limit) + '"';
    }

    /** A JSON value: texts in quotes, everything else as it is written. */
    public static String of(JsonNode value) {
        if (value.isTextual()) {
            return of(value.textValue());
        }
        if (value.isObject()) {
            return "an object";
        }
        return value.isArray() ? "a list" : bare(value.asText());
    }

    /** The same without quotes. */
    public static String bare(String text) {
        return bare(text, SHOWN);
    }

    /** The same with another number of characters shown. */
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
