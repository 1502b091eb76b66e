package blackhole.junit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void extensionUsesThePublicMiddleboxAndNoLibraryButJUnit() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "blackhole.middlebox.relay..",
                        "blackhole.middlebox.idle",
                        "blackhole.middlebox.kernel",
                        "io.netty..",
                        "org.slf4j..")
                .check(new ClassFileImporter()
                        .withImportOption(new DoNotIncludeTests())
                        .importPackages("blackhole.junit"));
    }
}
