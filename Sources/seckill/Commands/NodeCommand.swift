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
            abstract: "Have a node stop as at SIGTERM: it says that it is not ready, ends what is under way, and exits.",
            discussion: """
                Its process ends with 0; start it again as you start any node. Under `seckill up` the whole stack ends with it, Redis and Postgres included. \
                Where no other node is ready, nobody sells afterwards: then --confirm must give the node's name, unless it is typed on a terminal.
                """)
        @Argument(help: "The node, as node list calls it.") var node: String
        @Option(help: ArgumentHelp("The node's name once more, to drain the last one that is ready.", valueName: "node"))
        var confirm: String?
        @OptionGroup var why: ReasonOptions
        @OptionGroup var writes: WriteOptions
        @OptionGroup var stores: StoreFlags

        func run() async throws {
            let state = try await withSession(stores) { session in
                let nodes = try await session.nodes.nodes()
                guard let state = nodes.first(where: { $0.id == node }).map({ OperatorNode($0).state }) else { throw absent }
                if writes.dryRun { return state }
                if !nodes.contains(where: { $0.id != node && $0.isReady && !$0.isDraining }) {
                    let consequence = "no other node is ready: once \(node) has drained, nobody sells, and a stack of `seckill up` has ended"
                    let confirmation = NameConfirmation(name: node, consequence: consequence, verb: "drain", undone: "nothing was drained")
                    try confirmation.require(confirm)
                }
                try await session.enter(.drain(node: node), because: why.reason)
                guard try await session.nodes.wish(.drain, of: node) else { throw absent }
                return state
            }
            Console.message(
                writes.dryRun
                    ? "\(node), which is \(state), would be asked to drain (dry run; nothing was changed)"
                    : "\(node) has been asked to drain")
        }

        private var absent: CommandFailure { CommandFailure(.notFound, "there is no node \(node)") }
    }
}
