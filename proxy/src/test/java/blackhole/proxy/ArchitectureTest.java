package blackhole.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("blackhole.proxy");

    /** Each may use those after it. */
    private static final List<String> PACKAGES =
            List.of("cli", "recording", "http", "page", "events", "api", "metrics");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("blackhole.proxy.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packagesUseOnlyThoseBelowThem() {
        for (int i = 1; i < PACKAGES.size(); i++) {
            String[] above = PACKAGES.subList(0, i).stream()
                    .map(name -> "blackhole.proxy." + name)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("blackhole.proxy." + PACKAGES.get(i))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .check(CLASSES);
        }
    }

    @Test
    void middleboxInternalsAreNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "blackhole.middlebox.relay", "blackhole.middlebox.idle", "blackhole.middlebox.kernel")
                .check(CLASSES);
    }

    @Test
    void vertxInternalsAreNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..impl..", "io.vertx..internal..")
                .check(CLASSES);
    }
}
