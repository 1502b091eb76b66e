package blackhole.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("blackhole.proxy");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("blackhole.proxy.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void dependenciesPointFromTheCommandLineDownToTheMetrics() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("blackhole.proxy..")
                .layer("cli")
                .definedBy("blackhole.proxy.cli")
                .layer("recording")
                .definedBy("blackhole.proxy.recording")
                .layer("http")
                .definedBy("blackhole.proxy.http")
                .layer("events")
                .definedBy("blackhole.proxy.events")
                .layer("page")
                .definedBy("blackhole.proxy.page")
                .layer("api")
                .definedBy("blackhole.proxy.api")
                .layer("metrics")
                .definedBy("blackhole.proxy.metrics")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("recording")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("http")
                .mayOnlyBeAccessedByLayers("cli", "recording")
                .whereLayer("events")
                .mayOnlyBeAccessedByLayers("http", "recording")
                .whereLayer("page")
                .mayOnlyBeAccessedByLayers("http")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("events", "http", "recording", "cli")
                .whereLayer("metrics")
                .mayOnlyBeAccessedByLayers("api", "events", "http")
                .check(CLASSES);
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
