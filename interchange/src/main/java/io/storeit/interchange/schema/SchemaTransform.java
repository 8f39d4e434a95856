package io.storeit.interchange.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Converts rows between two neighbouring schema versions, in both directions. Implementations are found through {@link
 * java.util.ServiceLoader}, so the file under {@code META-INF/services} is the list of versions a build knows.
 */
public interface SchemaTransform {

    /** Returns the newer of the two versions; the older is one less. */
    int to();

    /** Returns what the newer version adds, as one line for a person. */
    String description();

    /** Returns the columns the newer version added, by table. */
    Map<Table, List<Column>> added();

    /**
     * Returns the rows that databases of the newer version have in {@code _sqlx_migrations} beyond those of the older; older servers refuse
     * such a database.
     */
    default List<Migration> migrations() {
        return List.of();
    }

    /** Converts a row of the older version to the newer. May change the row it is given. */
    ObjectNode up(Table table, ObjectNode row);

    /** Converts a row of the newer version to the older and reports what that cannot hold. May change the row it is given. */
    ObjectNode down(Table table, ObjectNode row, Losses losses);
}
