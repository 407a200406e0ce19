import SaleService

/// A file of webhook endpoints to start from.
enum WebhookTemplate {
    static var yaml: String {
        """
        # Who is sent what happens to orders and sales. Named by SECKILL_WEBHOOKS_FILE, or by
        # --webhooks-file of `seckill serve` and `seckill up`; read at the start of a node.
        # Check it with: seckill config check --webhooks-file FILE
        # An endpoint that is new is sent all events that are kept, those of the last seven days at
        # the least, the oldest first: so nothing is missed while one is being set up.
        - # Its name in `seckill webhook` and in metrics: 1–64 of a-z 0-9 . _ -
          name: shop
          # https; http is for a receiver on this machine (127.0.0.1, [::1], localhost).
          url: https://shop.example/hooks/seckill
          # The secret that deliveries are signed with, which the receiver has, too. To make one:
          #   (umask 077; printf 'whsec_%s\\n' "$(head -c 32 /dev/urandom | base64)" > shop.whsec)
          # Two lines are two secrets, of which both sign, while one replaces the other. The path is
          # absolute, or from where the node is started.
          secret_file: shop.whsec
          # All unless given. There are:
        \(types)
          types: [order.committed, order.paid, order.cancelled]
          # Events in one request, 1 to 100, and requests at once, 1 to 8.
          batch: 1
          in_flight: 4
          # How long to wait after each attempt; these ten attempts in three days unless given.
          # retries: [5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h]

        """
    }

    /// Four in a line of the comment.
    private static var types: String {
        let names = EventType.all.map(\.rawValue)
        return stride(from: 0, to: names.count, by: 4)
            .map { "  #   " + names[$0..<min($0 + 4, names.count)].joined(separator: ", ") }
            .joined(separator: "\n")
    }
}
