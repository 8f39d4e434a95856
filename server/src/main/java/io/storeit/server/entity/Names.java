package io.storeit.server.entity;

import io.storeit.server.problem.Problem;

/** The rule for names that people give. Old data may break it, so it applies only to what is being written. */
public final class Names {
    /** The longest name in characters, far more than a label or a list can show. */
    public static final int LONGEST = 1000;

    private Names() {}

    /** @throws Problem VALIDATION_ERROR naming the field, when the name is blank or too long */
    public static void check(String field, String name) {
        if (name.isBlank()) {
            throw Problem.validation(field + " must not be blank");
        }
        checkLength(field, name, LONGEST);
    }

    /**
     * Checks the length of a text that may be empty.
     *
     * @throws Problem VALIDATION_ERROR naming the field, when the text has more than {@code longest} characters
     */
    public static void checkLength(String field, String text, int longest) {
        if (text.length() > longest) {
            throw Problem.validation(field + " must not be longer than " + longest + " characters");
        }
    }
}
