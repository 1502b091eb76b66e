package blackhole.keepalive;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packagesOf = KeepaliveAgent.class, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    /** JSpecify's annotations need not be present at run time. */
    @ArchTest
    static final ArchRule agentDependsOnlyOnTheJdk = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("blackhole.keepalive", "java..", "jdk.net", "org.jspecify.annotations");
}
