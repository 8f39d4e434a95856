package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Applies the steps from one schema version to another, in order. Without steps it hands rows through. */
public final class SchemaChain {

    private final int from;
    private final int to;
    private final List<SchemaTransform> steps;

    /** @param steps the transforms between the two versions, already in the order of the direction */
    SchemaChain(int from, int to, List<SchemaTransform> steps) {
        this.from = from;
        this.to = to;
        this.steps = List.copyOf(steps);
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    /** Returns whether rows pass unchanged. */
    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Converts one row; the row given may be changed. Downwards, what is dropped goes to {@code losses}. */
    public ObjectNode apply(Table table, ObjectNode row, Losses losses) {
        ObjectNode result = row;
        for (SchemaTransform step : steps) {
            result = to > from ? step.up(table, result) : step.down(table, result, losses);
        }
        return result;
    }
}
