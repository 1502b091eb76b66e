package blackhole.middlebox;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import blackhole.support.PackageOrder;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String ENTRY = "blackhole.middlebox";
    private static final String RELAY = "blackhole.middlebox.relay..";
    /** Internal as well, but named by the entry point; Netty is what it is made of. */
    private static final String CODEC = "blackhole.middlebox.codec";

    private static final String IDLE = "blackhole.middlebox.idle";
    private static final String KERNEL = "blackhole.middlebox.kernel";
    private static final String FLOW = "blackhole.middlebox.flow";
    private static final String CONFIG = "blackhole.middlebox.config";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ENTRY);

    @Test
    void packagesDependOnThoseBelowThem() {
        PackageOrder.topDown(ENTRY, RELAY, CODEC, IDLE, KERNEL, FLOW, CONFIG).check(CLASSES);
    }

    @Test
    void publicApiMentionsNeitherNettyNorInternalTypes() {
        members()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(ENTRY, FLOW, CONFIG)
                .should(notMention(resideInAnyPackage("io.netty..", RELAY, IDLE, KERNEL)))
                .check(CLASSES);
    }

    @Test
    void loggingNeedsNoLibrary() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.slf4j..", "ch.qos.logback..")
                .check(CLASSES);
    }

    @Test
    void onlyTheKernelPackageSetsRawSocketOptions() {
        noClasses()
                .that()
                .resideOutsideOfPackage(KERNEL)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.channel.unix")
                .check(CLASSES);
    }

    private static ArchCondition<JavaMember> notMention(DescribedPredicate<JavaClass> forbidden) {
        return new ArchCondition<>("not mention a class that %s", forbidden.getDescription()) {
            @Override
            public void check(JavaMember member, ConditionEvents events) {
                member.getAllInvolvedRawTypes().stream()
                        .filter(forbidden)
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                member, member.getDescription() + " mentions " + type.getName())));
            }
        };
    }
}
