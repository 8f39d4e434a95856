package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Lists what an older schema or an older server cannot hold of a set of records: one entry per table and field. */
public record LossReport(List<Loss> losses) {

    /** Reports that nothing is lost. */
    public static final LossReport NONE = new LossReport(List.of());

    /**
     * Describes the losses of one field of one table.
     *
     * @param table    the table's key, for example {@code items}
     * @param field    the field that cannot be kept
     * @param records  how many records lose it
     * @param examples the first of them
     */
    public record Loss(String table, String field, long records, List<Example> examples) {
        public Loss {
            examples = List.copyOf(examples);
        }
    }

    /** Describes one record that loses a value: its id, its name (may be empty) and the value as JSON text or plain text. */
    public record Example(String id, String name, String value) {
    }

    public LossReport {
        losses = List.copyOf(losses);
    }

    public boolean isEmpty() {
        return losses.isEmpty();
    }

    /** Returns these losses and then those of another conversion. */
    public LossReport plus(LossReport later) {
        var all = new ArrayList<>(losses);
        all.addAll(later.losses);
        return new LossReport(all);
    }

    /** Returns the form in a manifest, see {@code docs/archive-format.md}. */
    public ArrayNode toJson() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Loss loss : losses) {
            ObjectNode entry = array.addObject();
            entry.put("table", loss.table()).put("field", loss.field()).put("records", loss.records());
            ArrayNode examples = entry.putArray("examples");
            for (Example example : loss.examples()) {
                examples.addObject().put("id", example.id()).put("name", example.name()).put("value", example.value());
            }
        }
        return array;
    }

    /** Reads {@link #toJson()}; anything not of that form is left out, because no decision depends on it. */
    public static LossReport parse(JsonNode json) {
        var losses = new ArrayList<Loss>();
        for (JsonNode entry : json) {
            var examples = new ArrayList<Example>();
            for (JsonNode example : entry.path("examples")) {
                examples.add(new Example(example.path("id").asText(), example.path("name").asText(), example.path("value").asText()));
            }
            losses.add(new Loss(entry.path("table").asText(), entry.path("field").asText(), entry.path("records").asLong(), examples));
        }
        return new LossReport(losses);
    }
}
