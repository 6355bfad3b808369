"""Azure's own policies, run verbatim on what would be deployed (docs/concepts/azure-policy.md).

`expressions` reads template expressions, `functions` has their functions, `rules` reads a definition, `operators` compares,
`decide` works a rule out on a resource and `reasons` says why it came out so. `arm_form` puts a resource into Azure's own form,
`ids` says where it will be, `aliases` and `fields` find what is asked for in it. `assignments`, `built_ins`, `scopes` and
`selectors` say which rules meet which resource; `changes` and `related` are what effects do and look for, `effects` brings them
into Azure's order, and `judge` makes judgements.

Documentation read for the language: MicrosoftDocs/azure-docs, articles/governance/policy (concepts/definition-structure-policy-rule.md of
2025-03-19, concepts/assignment-structure.md of 2024-09-05, concepts/effect-deploy-if-not-exists.md of 2024-04-08,
how-to/author-policies-for-arrays.md of 2020-10-22), read 2026-11-25.
"""
