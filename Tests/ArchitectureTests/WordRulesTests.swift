import Foundation
import Testing

/// Words that the code must not use, and where each is allowed with its reason.
@Suite struct WordRulesTests {
    struct Rule: CustomTestStringConvertible {
        var word: String
        var folders: [String]
        /// File name → why it may.
        var exceptions: [String: String] = [:]

        var testDescription: String { "\(word) in \(folders.joined(separator: ", "))" }
    }

    private static let pure = ["Sources/SaleCore", "Sources/FlowControl", "LoadTests/LoadModel"]
    private static let all = ["Sources", "LoadTests"]

    @Test(arguments: [
        Rule(word: "Clock.now", folders: pure),
        Rule(word: "Date()", folders: pure),
        Rule(word: "Task.sleep", folders: pure),
        Rule(word: "SystemRandomNumberGenerator", folders: pure),
        Rule(word: "@unchecked Sendable", folders: all),
        Rule(word: "try!", folders: all),
        Rule(word: "Task.detached", folders: all),
        Rule(word: " Task {", folders: all, exceptions: ["Interrupt.swift": "a signal cancels what the main task awaits"]),
        // The keys of the log stand in LogKey.
        Rule(word: "metadata: [\"", folders: all),
        Rule(word: "metadataKey: \"", folders: all),
        Rule(word: "public func", folders: all),
        Rule(word: "-Ounchecked", folders: all),
    ])
    func aBannedWordIsNotUsed(rule: Rule) throws {
        for folder in rule.folders {
            for file in try Tree.swiftFiles(in: folder) where rule.exceptions[file.lastPathComponent] == nil {
                let code = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter {
                    !$0.drop { $0 == " " }.hasPrefix("//")
                }
                #expect(!code.contains { $0.contains(rule.word) }, "\(file.lastPathComponent) uses \(rule.word)")
            }
        }
    }

    /// Code may be 150 columns wide, prose may not: an eye that comes back finds no line beyond
    /// 100.
    @Test func proseStaysWithinAHundredColumns() throws {
        for folder in Self.all + ["Tests"] {
            for file in try Tree.swiftFiles(in: folder) {
                let comments = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter {
                    let text = $0.drop { $0 == " " }
                    // Tables, links and code keep their lines.
                    return text.hasPrefix("//") && !text.hasPrefix("/// |") && !text.hasPrefix("///     ") && text.split(separator: " ").count > 2
                }
                #expect(!comments.contains { $0.count > 100 }, "\(file.lastPathComponent) has a comment beyond 100 columns")
            }
        }
    }

    @Test func noFileIsSoLongThatItMustHoldTwoIdeas() throws {
        for folder in Self.all {
            for file in try Tree.swiftFiles(in: folder) {
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count
                #expect(lines <= 400, "\(file.lastPathComponent) has \(lines) lines")
            }
        }
    }
}
