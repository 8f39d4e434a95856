package io.storeit.server.item;

import io.storeit.server.Problem;
import io.storeit.server.http.JsonBody;
import java.util.List;

/**
 * What a client sends to create an item.
 *
 * @param parentType {@code location} or {@code container}
 * @param parentId   where it is put; has to be in the caller's group
 */
record NewItem(
        String parentType,
        String parentId,
        String name,
        String description,
        List<String> aliases,
        List<String> keywords,
        String category,
        String barcode,
        String material,
        String color,
        String conditionNotes,
        int quantity) {

    /** Characters in a name. Far beyond what a label or a list can show; old data may have longer ones. */
    private static final int LONGEST_NAME = 1000;

    NewItem {
        if (!parentType.equals("location") && !parentType.equals("container")) {
            throw Problem.validation("invalid parent_type: " + parentType);
        }
        if (name.isBlank()) {
            throw Problem.validation("name must not be blank");
        }
        if (name.length() > LONGEST_NAME) {
            throw Problem.validation("name must not be longer than " + LONGEST_NAME + " characters");
        }
        if (quantity < 0) {
            throw Problem.validation("quantity must not be negative");
        }
    }

    static NewItem of(JsonBody body) {
        return new NewItem(
                body.text("parent_type"),
                body.id("parent_id"),
                body.text("name"),
                body.optionalText("description").orElse(null),
                body.texts("aliases"),
                body.texts("keywords"),
                body.optionalText("category").orElse(null),
                body.optionalText("barcode").orElse(null),
                body.optionalText("material").orElse(null),
                body.optionalText("color").orElse(null),
                body.optionalText("condition_notes").orElse(null),
                body.optionalInteger("quantity").orElse(1));
    }

    boolean inContainer() {
        return parentType.equals("container");
    }
}
