import ArgumentParser
import Foundation
import Testing

@testable import seckill

@Suite struct CommandLineHelpTests {
    /// Every command, with the words that lead to it.
    private static func commands(
        _ path: [String] = [], _ command: any ParsableCommand.Type = Seckill.self
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        [(path, command)] + command.configuration.subcommands.flatMap { commands(path + [$0._commandName], $0) }
    }

    @Test func everyHelpShowsTwoExamplesOfItsCommand() {
        for (path, _) in Self.commands() {
            let shown = CommandLineHelp.page(Self.help(of: path), arguments: path + ["--help"])
            let name = (["seckill"] + path).joined(separator: " ")
            #expect(shown.split(separator: "\n").count { $0.drop { $0 == " " }.hasPrefix(name) } >= 2, "\(name)\n\(shown)")
        }
    }

    private static func help(of path: [String]) -> String {
        var command: any ParsableCommand.Type = Seckill.self
        for word in path { command = command.configuration.subcommands.first { $0._commandName == word } ?? command }
        return Seckill.helpMessage(for: command)
    }

    @Test func noExampleIsOfACommandThatDoesNotExist() {
        let paths = Self.commands().map { $0.path.joined(separator: " ") }
        #expect(Examples.of.keys.allSatisfy { paths.contains($0) })
    }

    @Test(arguments: [(["slae", "list"], "sale"), (["sale", "lst"], "list"), (["order", "refnd"], "refund"), (["doktor"], "doctor")])
    func aSlipOfTheFingerIsNamed(arguments: [String], meant: String) {
        #expect(Self.complaint(arguments).contains("did you mean `\(meant)`?"))
    }

    @Test func aFlagThatIsNearlyOneIsNamed() {
        let text = Self.complaint(["sale", "list", "--outptu", "json"])
        #expect(text.contains("did you mean '--output'"), "\(text)")
    }

    @Test(arguments: [
        (["help", "nosuch"], "`seckill nosuch`"), (["help", "sale", "nosuch"], "`seckill sale nosuch`"),
        (["sale", "nosuch", "--help"], "`seckill sale nosuch`"),
        (["help", "doktor"], "did you mean `doctor`?"), (["nosuch", "-h"], "`seckill nosuch`"),
    ])
    func helpForACommandThatIsNotThereIsNone(arguments: [String], said: String) {
        #expect(CommandLineHelp.misdirection(arguments)?.contains(said) == true)
    }

    @Test(arguments: [
        ["help"], ["help", "sale"], ["help", "sale", "show"], ["sale", "--help"], ["sale", "show", "autumn", "--help"], ["sale"],
        ["--generate-completion-script", "bash"], ["--version"],
    ])
    func helpForACommandThatIsThereIsNotQuestioned(arguments: [String]) {
        #expect(CommandLineHelp.misdirection(arguments) == nil)
    }

    @Test func aCommandThatIsNotThereIsNamed() {
        #expect(Self.complaint(["webhook", "add"]).hasPrefix("there is no command `seckill webhook add`"), "\(Self.complaint(["webhook", "add"]))")
    }

    /// Of a terminal that nobody has widened.
    @Test func noLineOfHelpIsWiderThanATerminal() {
        for (path, _) in Self.commands() {
            let page = CommandLineHelp.page(Self.help(of: path), arguments: path + ["--help"])
            let head = page.prefix(upTo: page.range(of: "EXAMPLES:")?.lowerBound ?? page.endIndex)
            for line in head.split(separator: "\n") where !line.contains("seckill ") || line.hasPrefix("USAGE:") {
                #expect(line.count <= 80, "\(line)")
            }
        }
        let complaint = Self.complaint(["sale", "pause"])
        #expect(complaint.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(complaint)")
    }

    @Test func whatIsFarFromEveryCommandIsNotGuessed() {
        #expect(!Self.complaint(["xylophone"]).contains("did you mean"))
    }

    @Test(arguments: [
        (["order", "show", "7"], "UUID"), (["sale", "show", "Über"], "1–64"), (["ledger", "--sale", "demo", "--sku", "A B"], "1–64"),
        (["order", "list", "--state", "paid,lost"], "lost"), (["order", "list", "--since", "yesterday"], "RFC 3339"),
        (["history", "--since", "100000000000d"], "RFC 3339"), (["sale", "set", "demo", "--closes-at", "soon"], "+30m"),
    ])
    func aWrongValueHearsTheRule(arguments: [String], rule: String) {
        #expect(Self.complaint(arguments).contains(rule), "\(Self.complaint(arguments))")
    }

    private static func complaint(_ arguments: [String]) -> String {
        do {
            _ = try Seckill.parseAsRoot(arguments)
            return ""
        } catch {
            return CommandLineHelp.failure(Seckill.fullMessage(for: error), arguments: arguments)
        }
    }
}
