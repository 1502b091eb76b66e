package blackhole.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import blackhole.support.PackageOrder;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("blackhole.client");

    @Test
    void packagesDependOnThoseBelowThem() {
        PackageOrder.topDown(
                        "blackhole.client.cli",
                        "blackhole.client.measure",
                        "blackhole.client.compare",
                        "blackhole.client.report",
                        "blackhole.client.scenario",
                        "blackhole.client.evidence")
                .check(CLASSES);
    }

    @Test
    void clientDoesNotUseTheMiddlebox() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("blackhole.middlebox..", "blackhole.proxy..")
                .check(CLASSES);
    }
}
