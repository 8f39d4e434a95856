package io.storeit.server.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** The state of a job. Its status route answers {@link #json()}. */
sealed interface JobState {

    ObjectNode json();

    /** The job waits for the one before it, because only one runs at a time. */
    record Pending() implements JobState {
        @Override
        public ObjectNode json() {
            return report("pending", 0, 0);
        }
    }

    /** @param total 0 until it is known */
    record Running(long progress, long total) implements JobState {
        @Override
        public ObjectNode json() {
            return report("running", progress, total);
        }
    }

    /**
     * @param remarks by the name the client sees: {@code skipped_images} and {@code notes} of a backup, {@code skipped_tags} of a merge,
     *                {@code notes} of any restore
     */
    record Succeeded(long total, Map<String, List<String>> remarks) implements JobState {
        @Override
        public ObjectNode json() {
            ObjectNode json = report("complete", total, total);
            remarks.forEach((name, values) -> values.forEach(json.putArray(name)::add));
            return json;
        }
    }

    record Failed(long progress, long total, String error) implements JobState {
        @Override
        public ObjectNode json() {
            return report("failed", progress, total).put("error", error);
        }
    }

    private static ObjectNode report(String status, long progress, long total) {
        return JsonNodeFactory.instance.objectNode().put("status", status).put("progress", progress).put("total", total);
    }
}
