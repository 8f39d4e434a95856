package io.storeit.ctl.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The image folder is a setting in the database and no variable: the photos must be found after every move. */
class ImageFolderTest extends EndToEnd {
    @ParameterizedTest(name = "{0} and {1}")
    @CsvSource({"REFERENCE_021, OURS", "SCHEMA_1, OURS", "OURS, NEXT"})
    void aMachineWhoseImageFolderIsASettingKeepsItsPhotos(Release older, Release newer) {
        with(older).publish(older, newer);
        machine.useImageFolderOfSetting();
        before = machine.household();
        machine.start();

        machine.upgrade(newer).requireExit(0);
        assertPhotosAreServed(newer);
        machine.downgrade(older).requireExit(0);
        assertPhotosAreServed(older);
        machine.tool("rollback", "--yes").requireExit(0);
        assertPhotosAreServed(newer);
    }

    private void assertPhotosAreServed(Release serving) {
        assertServesEverything(serving);
        assertThat(machine.household().table("settings")).isEqualTo(List.of("key=image_storage_path | value=" + machine.images));
        assertThat(machine.folder.resolve("home/.local/share/storeit/images")).as("the platform's default folder").doesNotExist();
        if (!serving.isOurs()) {
            for (var row : HouseholdComparison.query(machine.database, "SELECT id FROM photos")) {
                assertThat(machine.get("/api/v1/photos/" + row.substring("id=".length()) + "/file").orElseThrow().statusCode())
                        .isEqualTo(200);
            }
        } else {
            assertThat(machine.health().path("photos").path("unreadable").asInt(-1)).isZero();
            assertThat(machine.health().path("photos").path("checked").asInt()).isPositive();
        }
    }
}
