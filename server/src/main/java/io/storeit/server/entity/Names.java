package io.storeit.server.entity;

import io.storeit.server.problem.Problem;

/** The rule for names people give. Old data may break it, so only what is being written is looked at. */
public final class Names {
    /** Characters. Far beyond what a label or a list can show. */
    public static final int LONGEST = 1000;

    private Names() {}

    /** @throws Problem VALIDATION_ERROR naming the field, when the name is blank or too long */
    public static void check(String field, String name) {
        if (name.isBlank()) {
            throw Problem.validation(field + " must not be blank");
        }
        checkLength(field, name, LONGEST);
    }

    /** The same for a text that may be empty, and be so many characters long. */
    public static void checkLength(String field, String text, int longest) {
        if (text.length() > longest) {
            throw Problem.validation(field + " must not be longer than " + longest + " characters");
        }
    }
}
