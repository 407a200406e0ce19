import ArgumentParser
import Foundation
import SaleCore
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

    @Test(arguments: [["sale", "edit"], ["foo"], ["webhook", "tset"]])
    func whatIsNearToNothingIsNoSlip(arguments: [String]) {
        #expect(!Self.complaint(arguments).contains("did you mean"), "\(Self.complaint(arguments))")
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

    /// Also where another rule is broken without it, and where words of any kind are taken.
    @Test(arguments: [
        (["sale", "set", "mine", "--titel", "x"], "'--titel'; did you mean '--title'?"),
        (["item", "set", "--sale", "s", "--sku", "k", "--pirce", "5"], "'--pirce'; did you mean '--price'?"),
        (["stock", "add", "--sale", "s", "--sku", "k", "5", "--dryrun"], "'--dryrun'; did you mean '--dry-run'?"),
        (["stock", "add", "--sale", "s", "--sku", "k", "--dryrun", "5"], "'--dryrun'; did you mean '--dry-run'?"),
        (["sale", "list", "--colour"], "'--colour'"), (["sale", "list", "--outptu=json"], "'--outptu'; did you mean '--output'?"),
    ])
    func aFlagThatACommandDoesNotHaveIsSaidBeforeAllElse(arguments: [String], says: String) {
        #expect(Self.complaint(arguments).hasPrefix("Unknown option \(says)"), "\(Self.complaint(arguments))")
    }

    @Test func whatStandsBehindTwoDashesIsNoFlag() {
        #expect(Self.complaint(["stock", "add", "--sale", "s", "--sku", "k", "--", "--dryrun"]).contains("whole number of units"))
        #expect(Self.complaint(["stock", "add", "--sale", "s", "--sku", "k", "--", "-5"]).isEmpty)
        #expect(Self.complaint(["sale", "set", "s", "--closes-at", "-10m"]).isEmpty)
    }

    @Test(arguments: [
        (["item", "set", "--sale", "s", "--sku", "k", "--price", "-5"], "'--price' must not be negative, not -5"),
        (["item", "set", "--sale", "s", "--sku", "k", "--limit", "-5"], "'--limit' must not be negative, not -5"),
        (["order", "refund", orderID, "--amount", "-5", "--reference", "r"], "'--amount' must not be negative, not -5"),
        (["order", "list", "--limit", "-1"], "'--limit' must not be negative, not -1"),
        (["history", "--since", "-2h"], "'--since' must not be negative, not -2h"),
        (["sale", "set", "s", "--title", "-x"], "a value of '--title' that begins with a dash is given as --title=-x"),
    ])
    func aValueThatBeginsWithADashIsNotCalledMissing(arguments: [String], says: String) {
        let text = Self.complaint(arguments)
        #expect(text.hasPrefix(says) && !text.contains("Missing value"), "\(text)")
    }

    private static let orderID = "01a20acf-3265-7000-8038-51184c652a93"

    @Test(arguments: [
        ["order", "list", "--limit"], ["history", "--limit"], ["events", "--limit"], ["item", "set", "--sale", "s", "--sku", "k", "--limit"],
    ])
    func aNumberOfThingsIsWhole(arguments: [String]) {
        #expect(Self.complaint(arguments + ["1.5"]).contains("must be a whole number"))
    }

    @Test(arguments: [
        ["order", "refund", orderID, "--reference", "r", "--amount"], ["item", "set", "--sale", "s", "--sku", "k", "--unit-price"],
        ["payment", "send", "--order", orderID, "--outcome", "succeeded", "--amount"],
    ])
    func anAmountIsToldItsUnit(arguments: [String]) {
        #expect(Self.complaint(arguments + ["7998.00"]).contains("must be a whole number in the currency's minor unit: 7998.00 CNY are 799800"))
    }

    @Test func helpListsWhatMayBeGiven() {
        let list = CommandLineHelp.page(Self.help(of: ["order", "list"]), arguments: ["order", "list", "--help"])
        for state in OrderState.allCases { #expect(list.contains(state.rawValue)) }
        let export = CommandLineHelp.page(Self.help(of: ["order", "export"]), arguments: ["order", "export", "--help"])
        #expect(export.contains("csv") && !export.contains("yaml"))
        #expect(!CommandLineHelp.page(Self.help(of: ["stock", "add"]), arguments: ["stock", "add", "--help"]).contains("<units> ..."))
    }

    @Test func whatIsFarFromEveryCommandIsNotGuessed() {
        #expect(!Self.complaint(["xylophone"]).contains("did you mean"))
    }

    @Test(arguments: [
        (["order", "show", "7"], "UUID"), (["sale", "show", "Über"], "1–64"), (["ledger", "--sale", "demo", "--sku", "A B"], "1–64"),
        (["order", "list", "--state", "paid,lost"], "lost"), (["order", "list", "--since", "yesterday"], "RFC 3339"),
        (["history", "--since", "100000000000d"], "RFC 3339"), (["sale", "set", "demo", "--closes-at", "soon"], "+30m"),
        (["events", "--after", "foo"], "evt_4711-12-1"), (["order", "list", "--since", "2026-02-01", "--until", "2026-01-01"], "before --until"),
        (["history", "--since", "1h", "--until", "2h"], "before --until"),
    ])
    func aWrongValueHearsTheRule(arguments: [String], rule: String) {
        #expect(Self.complaint(arguments).contains(rule), "\(Self.complaint(arguments))")
    }

    /// Before anything is done: what was done must not end in a refusal to say so.
    @Test(
        arguments: [
            ["doctor"], ["reconcile"], ["version"], ["sale", "pause", "s"], ["sale", "set", "s", "--title", "x"],
            ["sale", "apply", "-f", "-"], ["stock", "load", "--sale", "s", "-f", "-"], ["item", "set", "--sale", "s", "--sku", "k", "--limit", "1"],
        ], ["csv", "name"])
    func rowsOfWhatIsNoListAreRefused(command: [String], format: String) {
        let text = Self.complaint(command + ["-o", format])
        #expect(text.contains("'\(format)'") && text.contains("'table', 'wide', 'json', 'ndjson' or 'yaml'"), "\(text)")
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
