package blackhole.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import blackhole.support.PackageOrder;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("blackhole.proxy");

    @Test
    void packagesDependOnThoseBelowThem() {
        PackageOrder.topDown(
                        "blackhole.proxy.cli",
                        "blackhole.proxy.wrap",
                        "blackhole.proxy.redirect",
                        "blackhole.proxy.recording",
                        "blackhole.proxy.http",
                        "blackhole.proxy.page",
                        "blackhole.proxy.events",
                        "blackhole.proxy.api",
                        "blackhole.proxy.metrics")
                .check(CLASSES);
    }

    @Test
    void internalsOfTheMiddleboxAndVertxAreNotUsed() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "blackhole.middlebox.relay..",
                        "blackhole.middlebox.idle",
                        "blackhole.middlebox.kernel",
                        "io.vertx..impl..",
                        "io.vertx..internal..")
                .check(CLASSES);
    }
}
