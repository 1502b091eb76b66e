package blackhole.evidence;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** docs/report-schema.json, which promises what {@code --output json} prints. */
final class ReportSchema {

    private static final Path FILE = Path.of("..", "docs", "report-schema.json");

    private ReportSchema() {}

    /** Where a document is not as promised; empty when it is. */
    static List<String> violations(String json) {
        try {
            JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(Files.readString(FILE));
            return schema.validate(new ObjectMapper().readTree(json)).stream()
                    .map(ValidationMessage::getMessage)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
