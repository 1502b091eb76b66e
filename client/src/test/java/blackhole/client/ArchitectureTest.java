package blackhole.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packagesOf = ArchitectureTest.class, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule packagesFormADag = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("blackhole.client.cli")
            .layer("compare")
            .definedBy("blackhole.client.compare")
            .layer("report")
            .definedBy("blackhole.client.report")
            .layer("scenario")
            .definedBy("blackhole.client.scenario")
            .layer("evidence")
            .definedBy("blackhole.client.evidence")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("compare")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("report")
            .mayOnlyBeAccessedByLayers("cli", "compare")
            .whereLayer("scenario")
            .mayOnlyBeAccessedByLayers("cli", "compare", "report");

    @ArchTest
    static final ArchRule clientDoesNotUseTheMiddlebox =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("blackhole.middlebox..", "blackhole.proxy..");
}
