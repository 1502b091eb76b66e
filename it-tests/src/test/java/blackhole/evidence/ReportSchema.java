package blackhole.evidence;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
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
            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(Files.readString(FILE));
            return schema.validate(new ObjectMapper().readTree(json)).stream()
                    .map(Error::toString)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
