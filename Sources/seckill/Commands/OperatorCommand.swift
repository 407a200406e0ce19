import ArgumentParser
import Foundation
import Glibc
import OperatorAPI
import PrivateServers
import SaleService
import ServerAssembly

struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Name who may work on the admin port.", subcommands: [Add.self])
}

extension OperatorCommand {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an operator and print his token, once.",
            discussion: """
                The token goes to standard output and is kept nowhere; its digest is appended to the file. Nodes read it again within seconds. \
                To take a token away, remove its line on every node. \
                --dry-run looks at the name and at what the file holds.
                """)

        @Argument(help: "1–64 of A-Z a-z 0-9 . _ @ -; stands in the audit trail.")
        var name: String
        @Option(help: "viewer reads; operator and admin change sales, stock and orders, too.")
        var role: OperatorRole
        @Option(name: [.short, .long], help: ArgumentHelp("The file of operators; SECKILL_OPERATORS_FILE by default.", valueName: "path"))
        var file: String?
        @OptionGroup var writes: WriteOptions

        func validate() throws {
            guard Operator.isName(name) else {
                throw ValidationError("a name must be 1–64 of A-Z a-z 0-9 . _ @ -, beginning with a letter or digit, not \(name)")
            }
        }

        func run() throws {
            guard let path = try file ?? Settings.load([:]).operatorsFile else {
                throw CommandFailure(.usage, "SECKILL_OPERATORS_FILE is not set; give it, or --file")
            }
            let text = try existing(at: path)
            if writes.dryRun { return Console.message("\(name) would stand in \(path) as \(role.rawValue) (dry run; nothing was changed)") }
            let token = OperatorToken()
            try append("\(name) \(role.rawValue) \(token.digest)", to: text, at: path)
            Console.data(token.text)
            Console.message("\(name) stands in \(path); the token is shown this once")
        }

        /// What the file holds; `nil` where there is none.
        private func existing(at path: String) throws(CommandFailure) -> String? {
            let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
            do {
                if try OperatorList(text ?? "").contains(name: name) {
                    throw CommandFailure(.conflict, "\(path) names \(name) already; remove that line first, or choose another name")
                }
            } catch let error as OperatorList.BadLine {
                throw CommandFailure(.usage, "\(path), \(error)")
            } catch let error as CommandFailure {
                throw error
            } catch {
                throw CommandFailure(.failure, "\(error)")
            }
            return text
        }

        /// In place: whoever owns the file, and may read it, stays as it is.
        private func append(_ line: String, to text: String?, at path: String) throws(CommandFailure) {
            // What the calls are given is theirs for the call alone.
            let handle = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard handle >= 0 else { throw CommandFailure(.failure, "cannot write \(path): \(errorText())") }
            defer { close(handle) }
            let bytes = (text.map { $0.isEmpty || $0.hasSuffix("\n") } ?? true ? "" : "\n") + line + "\n"
            guard unsafe Glibc.write(handle, bytes, bytes.utf8.count) == bytes.utf8.count else {
                throw CommandFailure(.failure, "cannot write \(path): \(errorText())")
            }
        }
    }
}

extension OperatorRole: ExpressibleByArgument {}
