package io.storeit.server.tag;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * The meaning of a scanned UID. Unlike other answers of the API, it omits fields that do not apply.
 *
 * @param status {@code unknown}, {@code unassigned} or {@code assigned}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record UidAnswer(String status, String tagId, @JsonUnwrapped Target target) {}
