package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * One step between two neighbouring schema versions, in both directions. Implementations are found through
 * {@link java.util.ServiceLoader}, so the file under {@code META-INF/services} is the list of versions a build knows.
 */
public interface SchemaTransform {

    /** The newer of the two versions; the older is one less. */
    int to();

    /** What the newer version has that the older had not, as one line for a person. */
    String description();

    /** The columns the newer version added, by table. */
    Map<Table, List<Column>> added();

    /** The rows that databases of the newer version have in {@code _sqlx_migrations} beyond those of the older; they keep older servers out. */
    default List<Migration> migrations() {
        return List.of();
    }

    /** Turns a row of the older version into one of the newer. May change the row it is given. */
    ObjectNode up(Table table, ObjectNode row);

    /** Turns a row of the newer version into one of the older and reports what that cannot hold. May change the row it is given. */
    ObjectNode down(Table table, ObjectNode row, Losses losses);
}
