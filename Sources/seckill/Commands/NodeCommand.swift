import ArgumentParser
import OperatorAPI
import SaleService
import ServerAssembly

struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Look at the nodes that serve, and stop one.",
        subcommands: [List.self, Drain.self])
}

extension NodeCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the nodes that were heard of in the last five seconds.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var watches: WatchOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await watches.run {
                let nodes = try await withSession(stores) { session in try await session.nodes.nodes() }
                try ListWriter.print(nodes.map(OperatorNode.init), output.output)
            }
        }
    }

    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a node stop as at SIGTERM: it says that it is not ready, ends what is under way, and exits.")
        @Argument(help: "The node, as node list calls it.") var node: String
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            try await withSession(stores) { session in
                guard try await session.nodes.wish(.drain, of: node) else { throw CommandFailure(.notFound, "there is no node \(node)") }
            }
            Console.message("\(node) has been asked to drain")
        }
    }
}
